//! Keys, as an operator looks after them.

use vestibule_keyring::KeyInfo;
use vestibule_telemetry::{AdminAction, AdminTarget, Operator};

use super::record;
use crate::{Broker, KeyRotation, KeysError};

impl Broker {
    /// The keys as they stand.
    pub fn list_keys_as(&self, by: &Operator) -> Vec<KeyInfo> {
        record(by, AdminAction::ListKeys, AdminTarget::default());
        self.describe_keys()
    }

    /// Lets the next key sign as soon as every verifier can know it.
    ///
    /// # Errors
    /// [`KeysError`] when the store does not answer, or the keys cannot be made.
    pub async fn rotate_keys_as(&self, by: &Operator) -> Result<KeyRotation, KeysError> {
        record(by, AdminAction::RotateKeys, AdminTarget::default());
        self.rotate_keys().await
    }
}
