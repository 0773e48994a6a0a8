use std::time::Duration;

use vestibule_jose::Algorithm;
use vestibule_keyring::{MasterSecret, RotationPolicy};
use vestibule_protocol::Timestamp;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// 2026-11-21T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_795_219_200);

pub(crate) fn secret(fill: u8) -> MasterSecret {
    MasterSecret::from_bytes([fill; 32]).unwrap()
}

pub(crate) fn policy() -> RotationPolicy {
    RotationPolicy {
        algorithm: Algorithm::Es256,
        active_for: 30 * DAY,
        publish_ahead: DAY,
        keep_retired_for: HOUR + 2 * MINUTE,
        cache_life: HOUR,
    }
}
