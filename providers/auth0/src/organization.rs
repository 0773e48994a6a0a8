//! One organization, in which users log in.

use std::fmt;

use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::Claims;

/// An organization by its id or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organization {
    /// By its id, `org_…`, which the claim `org_id` repeats.
    Id(String),
    /// By its name, which the claim `org_name` repeats where the tenant allows names.
    Name(String),
}

impl Organization {
    /// Reads an id or a name; names are in lower case.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("org_") {
            Self::Id(text.to_owned())
        } else {
            Self::Name(text.to_lowercase())
        }
    }

    fn claim(&self) -> &'static str {
        match self {
            Self::Id(_) => "org_id",
            Self::Name(_) => "org_name",
        }
    }

    /// Whether the user logged in to this organization: Auth0 puts into the ID token what it verified, and the parameter of the
    /// request alone is worth nothing.
    pub(crate) fn check(&self, id_token: &Claims) -> Result<(), ProviderError> {
        let claim = self.claim();
        match id_token.text(claim) {
            Some(found) if self.is(found) => Ok(()),
            Some(_) => Err(ProviderError::Denied(format!(
                "the user logged in to another organization than {self} ({claim})"
            ))),
            None => Err(ProviderError::Denied(format!(
                "the user logged in to no organization, and organization = \"{self}\" asks for one; if they did, the ID token \
                 lacks {claim}: write the organization's id (org_…), or allow names in the tenant's settings"
            ))),
        }
    }

    fn is(&self, found: &str) -> bool {
        match self {
            Self::Id(id) => found == id,
            Self::Name(name) => found == name,
        }
    }
}

impl fmt::Display for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Name(text) => f.write_str(text),
        }
    }
}
