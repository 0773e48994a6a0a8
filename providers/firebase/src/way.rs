//! Ways to sign in that the page can offer.

use std::str::FromStr;

use thiserror::Error;

/// A way to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// An email address and a password.
    Password,
    /// A link by email.
    EmailLink,
    /// Another service, in a window of its own.
    Popup(Popup),
}

/// Another service that the project is set up to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popup {
    id: String,
    name: String,
}

/// The services that Firebase itself knows, with what people call them.
const SERVICES: [(&str, &str); 7] = [
    ("apple.com", "Apple"),
    ("facebook.com", "Facebook"),
    ("github.com", "GitHub"),
    ("google.com", "Google"),
    ("microsoft.com", "Microsoft"),
    ("twitter.com", "X"),
    ("yahoo.com", "Yahoo"),
];

/// The name is no way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "is no way to sign in; write password, email_link, apple.com, facebook.com, github.com, google.com, microsoft.com, \
     twitter.com, yahoo.com, or the id of one of the project's own, which begins with oidc. or saml."
)]
pub struct UnknownWay;

impl FromStr for Way {
    type Err = UnknownWay;

    fn from_str(text: &str) -> Result<Self, UnknownWay> {
        match text {
            "password" => return Ok(Self::Password),
            // The second is how Firebase's own libraries write it.
            "email_link" | "emailLink" => return Ok(Self::EmailLink),
            _ => {}
        }
        let known = SERVICES.iter().find(|(id, _)| *id == text).map(|(_, name)| *name);
        let own = ["oidc.", "saml."]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .filter(|name| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            });
        let name = known.or(own).ok_or(UnknownWay)?;
        Ok(Self::Popup(Popup {
            id: text.to_owned(),
            name: name.to_owned(),
        }))
    }
}

impl Way {
    /// The `sign_in_provider` of the tokens that this way leads to.
    pub fn sign_in_provider(&self) -> &str {
        match self {
            // A link proves the address, and Firebase files it under the same name as a password.
            Self::Password | Self::EmailLink => "password",
            Self::Popup(popup) => &popup.id,
        }
    }
}

impl Popup {
    /// Firebase's name for the service.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }
}
