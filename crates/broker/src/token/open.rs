//! Opening a session, for every grant that begins one.

use std::sync::Arc;

use vestibule_protocol::{ClientId, GrantType, ResourceUri, Scope, ScopeSet, SessionId, Timestamp};
use vestibule_provider::Identity;
use vestibule_telemetry::{AuditEvent, EndCause, TraceContext};

use super::reach::Reach;
use super::{Holder, TokenError};
use crate::record::{CodeGrant, DeviceApproval, DeviceAuthorization, Session, UpstreamId};
use crate::store::Opened;
use crate::{Broker, Client};

/// What a session is opened with.
pub(super) struct Opening {
    pub(super) session: SessionId,
    pub(super) identity: Arc<Identity>,
    pub(super) upstream: Option<UpstreamId>,
    pub(super) client_id: ClientId,
    pub(super) resources: Vec<ResourceUri>,
    pub(super) scopes: ScopeSet,
    /// The OpenID Connect `nonce`, for the first ID token.
    pub(super) nonce: Option<String>,
    pub(super) stay: Stay,
}

/// How long a session stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// As long as it is refreshed.
    Refreshed,
    /// As long as its one access token.
    Once,
}

impl Stay {
    /// Whether a refresh token was granted, or the client counts on one.
    fn of(client: &Client, scopes: &ScopeSet) -> Self {
        if scopes.contains(Scope::OFFLINE_ACCESS) || client.allows_grant(GrantType::RefreshToken) {
            Self::Refreshed
        } else {
            Self::Once
        }
    }
}

impl Opening {
    /// What a redeemed code opens.
    pub(super) fn of_code(client: &Client, grant: CodeGrant) -> Self {
        Self {
            stay: Stay::of(client, &grant.scopes),
            session: grant.session,
            identity: grant.identity,
            upstream: grant.upstream,
            client_id: grant.client_id,
            resources: grant.resources,
            scopes: grant.scopes,
            nonce: grant.nonce,
        }
    }
}

impl Opening {
    /// What a device that was let in opens.
    pub(super) fn of_device(client: &Client, device: DeviceAuthorization, approval: DeviceApproval) -> Self {
        Self {
            stay: Stay::of(client, &approval.scopes),
            session: approval.session,
            identity: Arc::new(approval.identity),
            upstream: approval.upstream,
            client_id: device.client_id,
            resources: device.resources,
            scopes: approval.scopes,
            nonce: None,
        }
    }
}

impl Broker {
    /// Opens the session; it ends with its access token if nothing can refresh it.
    pub(super) async fn open_session(
        &self,
        opening: Opening,
        holder: Holder,
        reach: &Reach<'_>,
        now: Timestamp,
    ) -> Result<(Session, Option<String>), TokenError> {
        let lifetimes = &self.settings.lifetimes;
        let refreshable = opening.stay == Stay::Refreshed;
        let (idle, max) = if refreshable {
            (lifetimes.session_idle, lifetimes.session_max)
        } else {
            let once = reach.access_token_lifetime(lifetimes);
            (once, once)
        };
        let dies_at = now + max;
        let session = Session {
            id: opening.session,
            identity: opening.identity,
            recheck_at: opening.upstream.as_ref().map(|_| now),
            upstream: opening.upstream,
            client_id: opening.client_id,
            resources: opening.resources,
            scopes: opening.scopes,
            refreshable,
            dpop_jkt: holder.refresh_key.filter(|_| refreshable),
            salt: self.entropy.salt(),
            generation: 0,
            rotated_at: now,
            status: self.store.allot_status(dies_at).await?,
            opened_at: now,
            idle_until: now + idle,
            dies_at,
            trace: TraceContext::current(),
        };
        match self.store.open_session(session.clone(), now).await? {
            Opened::Open => {}
            // Somebody redeemed the code again between our redemption and here.
            Opened::AlreadyEnded => return Err(TokenError::CodeReplayed),
        }
        if let Some(upstream) = &session.upstream
            && !self.store.hold_upstream(upstream, dies_at, now).await?
        {
            self.end_session(&session.id, EndCause::UserGone).await?;
            return Err(TokenError::UserGone);
        }
        AuditEvent::TokenIssued {
            actor: &session.identity.subject,
            client: &session.client_id,
            resources: &session.resources,
            scopes: &session.scopes,
            sid: &session.id,
        }
        .record();
        Ok((session, opening.nonce))
    }
}
