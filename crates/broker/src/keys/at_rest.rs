//! Signing keys that nobody is using.

use std::sync::Arc;

use vestibule_keyring::Sealer;

use super::vault::KeyVault;
use crate::store::Store;
use crate::{MasterSecrets, OpenBrokerError};

/// How a store's signing keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysAtRest {
    /// There are none yet: the broker makes them when it starts.
    None,
    /// They open under the current master secret.
    Sealed,
    /// They open under a previous master secret; the broker seals them anew when it starts.
    SealedBefore,
}

impl KeysAtRest {
    /// Opens the keys of a store that no broker runs on, and changes nothing.
    ///
    /// # Errors
    /// [`OpenBrokerError`] says why a broker could not start on them.
    pub async fn examine(store: Arc<dyn Store>, secrets: &MasterSecrets) -> Result<Self, OpenBrokerError> {
        let sealer = Arc::new(Sealer::new(&secrets.current, &secrets.previous)?);
        let stored = KeyVault::new(store, sealer).load().await?;
        Ok(match stored {
            None => Self::None,
            Some(stored) if stored.resealing_due => Self::SealedBefore,
            Some(_) => Self::Sealed,
        })
    }
}
