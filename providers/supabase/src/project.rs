//! A project's address and its public key, as the dashboard shows them.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use thiserror::Error;
use url::{Host, Url};
use vestibule_protocol::{Issuer, IssuerError};

/// The project's URL, such as `https://abcdefgh.supabase.co`: what Auth is below, at `/auth/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectUrl(Url);

/// A text that is no project's URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProjectUrlError {
    /// It is no URL.
    #[error("is not a URL such as https://abcdefgh.supabase.co")]
    NotAUrl,
    /// It has a query, a fragment or user information.
    #[error("has a query, a fragment or a user name; write the Project URL alone")]
    ExtraParts,
    /// It leads further into the project.
    #[error("leads further than to the project; write {0}")]
    TooFar(String),
    /// Passwords would cross a network in clear.
    #[error("is not https; plain http is for this machine only")]
    NotHttps,
}

impl FromStr for ProjectUrl {
    type Err = ProjectUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = Url::parse(text).map_err(|_| ProjectUrlError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(ProjectUrlError::NotAUrl);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_user {
            return Err(ProjectUrlError::ExtraParts);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let below = ["/auth/v1", "/rest/v1"];
        if let Some(prefix) = below.iter().find_map(|below| path.strip_suffix(below)) {
            url.set_path(prefix);
            return Err(ProjectUrlError::TooFar(
                url.as_str().trim_end_matches('/').to_owned(),
            ));
        }
        url.set_path(&path);
        let url = Self(url);
        if url.0.scheme() != "https" && !url.is_loopback() {
            return Err(ProjectUrlError::NotHttps);
        }
        Ok(url)
    }
}

impl ProjectUrl {
    /// The issuer of the project's tokens, unless it was set up with another.
    ///
    /// # Errors
    /// [`IssuerError`] when an issuer cannot be so.
    pub fn issuer(&self) -> Result<Issuer, IssuerError> {
        Issuer::parse(self.auth().as_str())
    }

    /// Whether the project runs on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        }
    }

    /// What the project's Auth is below.
    pub(crate) fn auth(&self) -> Url {
        let mut url = self.0.clone();
        let path = format!("{}/auth/v1", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

/// The publishable key (`sb_publishable_…`), or the legacy `anon` key: both are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishableKey(String);

/// A text that is no publishable key. It never shows the text, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublishableKeyError {
    /// It opens the whole project.
    #[error(
        "is a secret key, which opens the whole project and is not needed here; write the publishable one, and replace the secret one if others have seen it"
    )]
    Secret,
    /// It has characters that no key has.
    #[error("has spaces or characters that no key has; copy it again from Project Settings > API Keys")]
    NotAKey,
}

impl FromStr for PublishableKey {
    type Err = PublishableKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("sb_secret_") || legacy_role(text).as_deref() == Some("service_role") {
            return Err(PublishableKeyError::Secret);
        }
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(PublishableKeyError::NotAKey);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PublishableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a legacy key, which is a JWT, may do.
fn legacy_role(key: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(key.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("role")?.as_str().map(str::to_owned)
}
