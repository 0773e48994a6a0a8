//! The grant `device_code` ([RFC 8628 §3.4](https://www.rfc-editor.org/rfc/rfc8628#section-3.4)).

use vestibule_protocol::{GrantType, Secret, Timestamp};
use vestibule_telemetry::{AuditEvent, EndCause, note_session};

use super::{Claim, Opening, TokenError};
use crate::device_authorization::DeviceCode;
use crate::store::Polled;
use crate::{Broker, Client};

impl Broker {
    /// Asks whether the device was let in. What was granted is handed over once, whatever else is wrong with the request.
    pub(super) async fn poll_device(
        &self,
        client: &Client,
        device_code: &Secret,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        if !client.allows_grant(GrantType::DeviceCode) {
            return Err(TokenError::GrantNotAllowed(GrantType::DeviceCode));
        }
        let code = DeviceCode::parse(device_code.expose()).ok_or(TokenError::DeviceCodeUnknown)?;
        let polled = self
            .store
            .poll_device(code.filed_under, code.of(client.id()), now)
            .await?;
        match polled {
            Polled::Pending => Err(TokenError::AuthorizationPending),
            Polled::SlowDown => Err(TokenError::SlowDown),
            Polled::Denied => Err(TokenError::DeviceDenied),
            Polled::Expired => Err(TokenError::DeviceCodeExpired),
            Polled::Unknown => Err(TokenError::DeviceCodeUnknown),
            Polled::Spent(sid) => {
                AuditEvent::CodeReplayed {
                    client: client.id(),
                    sid: &sid,
                }
                .record();
                self.end_session(&sid, EndCause::CodeReplayed).await?;
                Err(TokenError::DeviceCodeSpent)
            }
            Polled::Granted(device, approval) => {
                if let Some(trace) = approval.trace {
                    trace.join();
                }
                note_session(&approval.session);
                Ok(Claim::Open(Box::new(Opening::of_device(
                    client, *device, *approval,
                ))))
            }
        }
    }
}
