//! Names that the operator writes down.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NameError(&'static str);

/// A project's id, which is the audience of its ID tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectId(String);

impl FromStr for ProjectId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        // Ids are 6 to 30 characters today; older ones may have a domain before a colon.
        let fits = (1..=100).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte));
        fits.then(|| Self(text.to_owned())).ok_or(NameError(
            "is not a project id, such as my-app-1a2b3; the console shows it under Project settings (it is not the number)",
        ))
    }
}

impl ProjectId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The issuer of the project's ID tokens.
    pub fn issuer(&self) -> String {
        format!("https://securetoken.google.com/{}", self.0)
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host that serves the project's sign-in handler, where popups go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthDomain(String);

impl FromStr for AuthDomain {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let labels = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let fits = text.len() <= 253 && text.contains('.') && text.split('.').all(labels);
        fits.then(|| Self(text.to_owned())).ok_or(NameError(
            "is not a host name, such as my-app.firebaseapp.com, without https:// and without a path",
        ))
    }
}

impl AuthDomain {
    /// Where every project has its handler.
    pub fn of(project: &ProjectId) -> Self {
        Self(format!("{project}.firebaseapp.com"))
    }

    /// The host.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Claims whose meaning Firebase or OpenID Connect has fixed: none of them is a role or a group, and no custom claim can
/// stand under their names ([Firebase: Control access with custom
/// claims](https://firebase.google.com/docs/auth/admin/custom-claims)).
const RESERVED: [&str; 32] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "cnf",
    "email",
    "email_verified",
    "event_id",
    "events",
    "exp",
    "firebase",
    "iat",
    "iss",
    "jti",
    "kid",
    "name",
    "nbf",
    "nonce",
    "phone_number",
    "picture",
    "provider_id",
    "sid",
    "sub",
    "tenant",
    "tenant_id",
    "toe",
    "txn",
    "uid",
    "user_id",
];

/// The name of a custom claim that the operator trusts for roles or groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimName(String);

impl FromStr for ClaimName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if RESERVED.contains(&text) {
            return Err(NameError(
                "is a claim with a fixed meaning; name a custom claim that your own server sets",
            ));
        }
        let fits = (1..=100).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
            .ok_or(NameError("is not the name of a claim"))
    }
}

impl ClaimName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
