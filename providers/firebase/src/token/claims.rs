//! What an ID token says, and the rules that it is judged by
//! ([Firebase: Verify ID tokens](https://firebase.google.com/docs/auth/admin/verify-id-tokens)).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;
use vestibule_jose::numeric_date;
use vestibule_protocol::Timestamp;

use crate::{FirebaseSettings, ProjectId};

/// How far Google's clock and ours may be apart.
pub(crate) const LEEWAY: Duration = Duration::from_secs(60);

/// How old a sign-in may be. Without a nonce, this is what ties a token to the page that asked for it.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// The claims. One that stands twice is refused.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    pub(crate) sub: String,
    #[serde(with = "numeric_date")]
    pub(crate) exp: Timestamp,
    #[serde(with = "numeric_date")]
    iat: Timestamp,
    #[serde(with = "numeric_date")]
    pub(crate) auth_time: Timestamp,
    pub(crate) name: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) email_verified: bool,
    pub(crate) firebase: FirebaseClaims,
    /// Whatever else is there, custom claims among it.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// What Firebase says of the sign-in itself.
#[derive(Debug, Deserialize)]
pub(crate) struct FirebaseClaims {
    pub(crate) sign_in_provider: String,
    pub(crate) sign_in_second_factor: Option<String>,
    tenant: Option<String>,
}

/// What holds for every token of the project.
#[derive(Debug)]
pub(crate) struct TokenRules {
    issuer: String,
    project: ProjectId,
    tenant: Option<String>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error("is of another issuer, {0:?}")]
    Issuer(String),
    #[error("is for project {0:?}; the API key may be of another project than project_id")]
    Audience(String),
    #[error("names no user, or by more than 128 characters")]
    Subject,
    #[error("has expired")]
    Expired,
    #[error("is from the future; one of the clocks is wrong")]
    Future,
    #[error("is of a user of another tenant, or of one where none is expected")]
    Tenant,
    #[error("is of a sign-in before this login, or more than five minutes ago")]
    Stale,
}

impl TokenRules {
    pub(crate) fn of(settings: &FirebaseSettings) -> Self {
        Self {
            issuer: settings.project.issuer(),
            project: settings.project.clone(),
            tenant: settings.tenant.clone(),
        }
    }
}

impl Claims {
    /// Judges the token by the rules that hold for every token of the project.
    pub(crate) fn check(&self, rules: &TokenRules, now: Timestamp) -> Result<(), Fault> {
        if self.iss != rules.issuer {
            return Err(Fault::Issuer(self.iss.clone()));
        }
        if self.aud != rules.project.as_str() {
            return Err(Fault::Audience(self.aud.clone()));
        }
        // “sub: Must be a non-empty string”, and a uid has at most 128 characters.
        if !(1..=128).contains(&self.sub.chars().count()) {
            return Err(Fault::Subject);
        }
        // “exp: Must be in the future.”
        if now >= self.exp + LEEWAY {
            return Err(Fault::Expired);
        }
        // “iat: Must be in the past.” “auth_time: Must be in the past.”
        let latest = now + LEEWAY;
        if self.iat > latest || self.auth_time > latest {
            return Err(Fault::Future);
        }
        if self.firebase.tenant != rules.tenant {
            return Err(Fault::Tenant);
        }
        Ok(())
    }

    /// Judges whether the sign-in belongs to a login that was begun at `begun_at`.
    pub(crate) fn check_fresh(&self, begun_at: Timestamp, now: Timestamp) -> Result<(), Fault> {
        let earliest = begun_at.minus(LEEWAY).max(now.minus(FRESH + LEEWAY));
        if self.auth_time < earliest || self.iat < earliest {
            return Err(Fault::Stale);
        }
        Ok(())
    }
}
