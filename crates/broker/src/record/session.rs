//! A session: one authorization, which every token issued under it names as `sid`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, KeyThumbprint, ResourceUri, ScopeSet, SessionId, StatusRef, Timestamp};
use vestibule_provider::Identity;
use vestibule_telemetry::TraceContext;

use super::UpstreamId;

/// This user, through this client, for these resources and scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session's id, `sid` in every token.
    pub id: SessionId,
    /// The user, as at login: the same for as long as the session lives.
    pub identity: Arc<Identity>,
    /// The login at the provider on which the session stands, where the broker keeps one.
    #[serde(default)]
    pub upstream: Option<UpstreamId>,
    /// From when on a refresh looks whether that login still stands.
    #[serde(default)]
    pub recheck_at: Option<Timestamp>,
    /// The client.
    pub client_id: ClientId,
    /// The resources that tokens may be for.
    pub resources: Vec<ResourceUri>,
    /// The scopes that tokens may carry.
    pub scopes: ScopeSet,
    /// Whether refresh tokens are issued.
    pub refreshable: bool,
    /// The DPoP key to which refresh tokens are bound, if they are bound to one
    /// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<KeyThumbprint>,
    /// What refresh tokens are derived with.
    pub salt: [u8; 16],
    /// The generation of the refresh token that is good now.
    pub generation: u64,
    /// When that generation began.
    pub rotated_at: Timestamp,
    /// The session's bit in a status list.
    pub status: StatusRef,
    /// When the session began.
    pub opened_at: Timestamp,
    /// When it ends if it is not used before.
    pub idle_until: Timestamp,
    /// When it ends, used or not.
    pub dies_at: Timestamp,
    /// Where the attempt that opened it is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

/// What a rotation changes, and nothing else of a session does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// When it began.
    pub began_at: Timestamp,
    /// When the session ends if it is not used before.
    pub idle_until: Timestamp,
    /// From when on a refresh looks whether the login at the provider still stands.
    pub recheck_at: Option<Timestamp>,
    /// The DPoP key to which refresh tokens are bound.
    pub dpop_jkt: Option<KeyThumbprint>,
}

impl Session {
    /// The generation that it is at.
    pub fn current(&self) -> Generation {
        Generation {
            number: self.generation,
            began_at: self.rotated_at,
            idle_until: self.idle_until,
            recheck_at: self.recheck_at,
            dpop_jkt: self.dpop_jkt,
        }
    }

    /// The session at another generation.
    #[must_use]
    pub fn at(self, generation: Generation) -> Self {
        let Generation {
            number,
            began_at,
            idle_until,
            recheck_at,
            dpop_jkt,
        } = generation;
        Self {
            generation: number,
            rotated_at: began_at,
            idle_until,
            recheck_at,
            dpop_jkt,
            ..self
        }
    }

    /// When the session ends, as things stand.
    pub fn ends_at(&self) -> Timestamp {
        self.idle_until.min(self.dies_at)
    }

    /// Whether the session lives at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at()
    }
}
