//! A walk that ends at a device: it begins with the code that the device shows, and its answer waits there
//! ([RFC 8628 §3.3](https://www.rfc-editor.org/rfc/rfc8628#section-3.3)).
//!
//! Whoever sends a person a code hopes that the person lets in a device of theirs
//! ([RFC 8628 §5.4](https://www.rfc-editor.org/rfc/rfc8628#section-5.4)): so a device is never let in without being asked for, every
//! page of the walk says that a device asks, and the consent page shows the code for comparison.

use vestibule_protocol::{ScopeSet, UserCode};
use vestibule_provider::Identity;
use vestibule_telemetry::{AuditEvent, TraceContext, note_session};

use super::begin::{Outset, nobody_admitted};
use super::finish::Standpoint;
use super::{Walk, WalkError};
use crate::limits::Whose;
use crate::record::{BrowserLogin, DeviceApproval, ReplyTo, Stage, UpstreamId, ValidRequest};
use crate::store::{DeviceDecided, DeviceDecision};
use crate::{Broker, Browser, DeviceOutcome, Digest, Next, Turn};

impl Broker {
    /// Begins the walk of the device that shows this code. Every try counts against the address that it comes from.
    ///
    /// # Errors
    /// [`WalkError::UserCode`] for a code that no device shows; the others when the walk cannot begin.
    pub async fn enter_user_code(&self, typed: &str, browser: &Browser) -> Result<Turn, WalkError> {
        if self.settings.grants.device_code.is_none() {
            return Err(WalkError::UserCode);
        }
        // "the user code SHOULD […] be rate limited" (RFC 8628 §5.1)
        self.limits
            .user_codes
            .take(Whose::Address(browser.address))
            .await?;
        let user_code = UserCode::parse(typed).map_err(|_| WalkError::UserCode)?;
        let ticket = self.entropy.secret();
        let walk = Digest::of(ticket.expose());
        let found = self
            .store
            .enter_device(digest_of(&user_code), walk, self.now())
            .await?;
        let device = found.ok_or(WalkError::UserCode)?;
        if let Some(trace) = device.trace {
            trace.join();
        }
        let client = self
            .find_client(&device.client_id)
            .await?
            .filter(|client| !client.is_blocked())
            .ok_or(WalkError::ClientGone)?;
        let request = ValidRequest {
            client_id: device.client_id,
            reply_to: ReplyTo::Device {
                user_code: user_code.clone(),
            },
            resources: device.resources,
            scopes: device.scopes,
            login_hint: None,
            force_login: false,
            force_consent: true,
            max_age: None,
        };
        let standpoint = match self.usable_login(&request, browser).await? {
            _ if self.admitted(&request).is_empty() => Standpoint::Refused(nobody_admitted()),
            Some(BrowserLogin { identity, .. }) => self.judge(&request, &client, identity).await?,
            None => Standpoint::Ask(Stage::Choosing),
        };
        let stage = match standpoint {
            Standpoint::Ask(stage) => stage,
            Standpoint::Granted { identity, scopes } => Stage::Consenting {
                identity,
                scopes,
                agreed: ScopeSet::default(),
            },
            Standpoint::Refused(refusal) => {
                self.decide_device(&user_code, walk, DeviceDecision::Deny).await?;
                let outcome = DeviceOutcome::Refused(refusal.description);
                return Ok(Turn::to(Next::device(client.name(), outcome)));
            }
        };
        let outset = Outset {
            ticket,
            request,
            client,
            provider: None,
            stage,
        };
        self.set_out(outset, browser).await
    }

    /// Leaves with the device what the user granted; its next poll takes it.
    pub(super) async fn approve_device(
        &self,
        walk: &Walk,
        user_code: &UserCode,
        identity: Identity,
        upstream: Option<UpstreamId>,
        scopes: ScopeSet,
    ) -> Result<Next, WalkError> {
        let session = self.entropy.session_id();
        note_session(&session);
        let approval = DeviceApproval {
            session: session.clone(),
            scopes: scopes.clone(),
            identity: identity.clone(),
            upstream,
            trace: TraceContext::current(),
        };
        let decision = DeviceDecision::Approve(Box::new(approval));
        self.decide_device(user_code, walk.key, decision).await?;
        AuditEvent::Consent {
            actor: &identity.subject,
            client: walk.client.id(),
            resources: &walk.authorization.request.resources,
            scopes: &scopes,
            sid: &session,
        }
        .record();
        Ok(Next::device(walk.client.name(), DeviceOutcome::Approved))
    }

    /// Tells the device that it gets nothing.
    pub(super) async fn deny_device(
        &self,
        walk: &Walk,
        user_code: &UserCode,
        outcome: DeviceOutcome,
    ) -> Result<Next, WalkError> {
        self.decide_device(user_code, walk.key, DeviceDecision::Deny)
            .await?;
        Ok(Next::device(walk.client.name(), outcome))
    }

    async fn decide_device(
        &self,
        user_code: &UserCode,
        walk: Digest,
        decision: DeviceDecision,
    ) -> Result<(), WalkError> {
        let decided = self
            .store
            .decide_device(digest_of(user_code), walk, decision, self.now())
            .await?;
        match decided {
            DeviceDecided::Decided => Ok(()),
            DeviceDecided::Stale => Err(WalkError::Stale),
            DeviceDecided::Unknown => Err(WalkError::Expired),
        }
    }
}

/// What a device is filed under.
pub(crate) fn digest_of(user_code: &UserCode) -> Digest {
    Digest::of(user_code.as_str())
}
