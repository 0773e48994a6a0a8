use std::time::Duration;

use vestibule_jose::Status;
use vestibule_protocol::{Issuer, ResourceUri, Timestamp};

use crate::introspection::Introspection;
use crate::offline::Offline;
use crate::principal::Principal;
use crate::status::StatusHandle;
use crate::token_error::TokenError;

/// The way in which a guard verifies tokens.
pub(crate) enum Verification {
    /// By itself, with the issuer's keys.
    Offline(Offline),
    /// By asking the issuer.
    Introspection(Introspection),
}

/// Whose tokens are accepted, and for whom.
#[derive(Clone)]
pub(crate) struct Accepts {
    pub(crate) issuer: Issuer,
    pub(crate) resource: ResourceUri,
    /// How far the issuer's clock may be off.
    pub(crate) leeway: Duration,
}

/// A token that was found good a moment ago.
#[derive(Clone)]
pub(crate) struct Verified {
    pub(crate) principal: Principal,
    pub(crate) status: Option<StatusHandle>,
}

impl Verified {
    /// Says whether the token's session is known to have ended meanwhile.
    pub(crate) async fn has_been_revoked(&self, now: Timestamp) -> bool {
        match &self.status {
            Some(status) => matches!(status.read(now).await, Ok(Some(Status::Invalid))),
            None => false,
        }
    }
}

impl Verification {
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, TokenError> {
        match self {
            Self::Offline(offline) => offline.verify(token, now).await,
            Self::Introspection(introspection) => introspection.verify(token, now).await,
        }
    }
}
