//! A device that waits for somebody to let it in.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, ResourceUri, ScopeSet, SessionId, Timestamp};
use vestibule_provider::Identity;
use vestibule_telemetry::TraceContext;

use super::UpstreamId;
use crate::Digest;

/// What a device asked for ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuthorization {
    /// The device code together with its client: nobody else can ask with it.
    pub device_code: Digest,
    /// The client on the device.
    pub client_id: ClientId,
    /// The resources that the tokens are for, in their configured form; never empty.
    pub resources: Vec<ResourceUri>,
    /// The scopes asked for, known ones only; never empty.
    pub scopes: ScopeSet,
    /// How many milliseconds have to lie between two polls at first.
    pub interval: u64,
    /// When both codes end.
    pub expires_at: Timestamp,
    /// Until when the device is told that they have.
    pub forgotten_at: Timestamp,
    /// Where the attempt is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

/// What a user gave a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceApproval {
    /// The session that the device's next poll opens.
    pub session: SessionId,
    /// The scopes that the user granted.
    pub scopes: ScopeSet,
    /// The user.
    pub identity: Identity,
    /// The login at the provider on which the session will stand, where the broker keeps one.
    #[serde(default)]
    pub upstream: Option<UpstreamId>,
    /// Where the attempt is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}
