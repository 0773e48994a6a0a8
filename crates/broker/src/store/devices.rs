//! Devices that wait for somebody, filed under the digest of their user code.

use async_trait::async_trait;
use vestibule_protocol::{SessionId, Timestamp};

use crate::Digest;
use crate::record::{DeviceApproval, DeviceAuthorization};
use crate::store::StoreError;

/// How much longer a device that polled too early has to wait from then on, in milliseconds
/// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
pub const SLOWER: u64 = 5_000;

/// The longest time between two polls, in milliseconds: a device that never slows down is held up no longer.
pub const SLOWEST: u64 = 60_000;

/// Keeps devices that wait for somebody.
#[async_trait]
pub trait Devices: Send + Sync {
    /// Files a device, unless another one has this user code and is remembered at `now`.
    async fn begin_device(
        &self,
        user_code: Digest,
        device: DeviceAuthorization,
        now: Timestamp,
    ) -> Result<DeviceBegun, StoreError>;

    /// Finds a device about which nobody has decided, and binds it to the walk that was begun for it: from then on that walk
    /// alone decides.
    async fn enter_device(
        &self,
        user_code: Digest,
        walk: Digest,
        now: Timestamp,
    ) -> Result<Option<DeviceAuthorization>, StoreError>;

    /// Takes the decision of the walk that the device is bound to. It is final.
    async fn decide_device(
        &self,
        user_code: Digest,
        walk: Digest,
        decision: DeviceDecision,
        now: Timestamp,
    ) -> Result<DeviceDecided, StoreError>;

    /// Says how things stand to the device that holds `device_code`. What was approved is handed over once.
    async fn poll_device(
        &self,
        user_code: Digest,
        device_code: Digest,
        now: Timestamp,
    ) -> Result<Polled, StoreError>;
}

/// What came of filing a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceBegun {
    /// It is there.
    Begun,
    /// Another device has the user code.
    Taken,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceDecision {
    /// The device may have this.
    Approve(Box<DeviceApproval>),
    /// The device may have nothing.
    Deny,
}

/// What came of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceDecided {
    /// It stands.
    Decided,
    /// The device is bound to another walk, or somebody has decided.
    Stale,
    /// There is no such device, or its codes have expired.
    Unknown,
}

/// How things stand for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// Nobody has decided.
    Pending,
    /// Nobody has decided, and the device asks too often: it has to wait [`SLOWER`] milliseconds longer from now on.
    SlowDown,
    /// Here is what was granted, and nobody else gets it.
    Granted(Box<DeviceAuthorization>, Box<DeviceApproval>),
    /// The user said no.
    Denied,
    /// The codes have expired.
    Expired,
    /// What was granted was handed over before; its session has to end.
    Spent(SessionId),
    /// There is no such device, or this is not its code.
    Unknown,
}
