//! The signing keys, as a store holds them.

use serde::{Deserialize, Serialize};
use vestibule_keyring::SealedBox;

/// The sealed key document and the version that a swap must name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
    /// Counts the swaps.
    pub version: u64,
    /// The sealed document.
    pub document: SealedBox,
}
