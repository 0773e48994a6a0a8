//! What is kept of a login.

use std::fmt;

use serde::{Deserialize, Serialize};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::{ProviderError, Sealed};

/// The provider's record of a login, which the broker keeps sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The ID token's `iss`.
    pub(crate) issuer: String,
    /// The ID token's `sub`.
    pub(crate) sub: String,
    /// When the user logged in.
    pub(crate) auth_time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// What a logout wants as its hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl Kept {
    pub(crate) fn new(issuer: String, sub: String, auth_time: Timestamp) -> Self {
        Self {
            issuer,
            sub,
            auth_time,
            refresh_token: None,
            id_token: None,
        }
    }

    /// Keeps these tokens, and the earlier ones where there are no new ones.
    pub(crate) fn renew(&mut self, refresh_token: Option<Secret>, id_token: Option<Secret>) {
        if let Some(token) = refresh_token {
            self.refresh_token = Some(token.expose().to_owned());
        }
        if let Some(token) = id_token {
            self.id_token = Some(token.expose().to_owned());
        }
    }

    pub(crate) fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    pub(crate) fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }

    pub(crate) fn seal(&self) -> Result<Sealed, ProviderError> {
        serde_json::to_vec(self)
            .map(Sealed::new)
            .map_err(|_| ProviderError::Rejected("the login cannot be written down".to_owned()))
    }

    pub(crate) fn unseal(sealed: &Sealed) -> Result<Self, ProviderError> {
        serde_json::from_slice(sealed.expose())
            .map_err(|_| ProviderError::Unavailable("the record of the login cannot be read".to_owned()))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("issuer", &self.issuer)
            .field("sub", &self.sub)
            .finish_non_exhaustive()
    }
}
