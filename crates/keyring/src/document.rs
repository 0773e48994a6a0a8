use serde::{Deserialize, Serialize};
use vestibule_jose::Algorithm;
use vestibule_protocol::Timestamp;

use crate::private_jwk::PrivateJwk;
use crate::{KeyringError, RotationPolicy};

/// The broker's signing keys as one record: always one active key, at most one next, and those that retire.
///
/// It serialises with the private keys inside: seal it before it is stored. Moving it on is done by
/// [`advance`](Self::advance) and [`rotate`](Self::rotate), which leave this one as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyDocument {
    pub(crate) active: ActiveKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<NextKey>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) retiring: Vec<RetiringKey>,
}

/// A key and when its public half was first published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) jwk: PrivateJwk,
    pub(crate) published_at: Timestamp,
}

/// A key that is published, so that verifiers know it before it signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NextKey {
    pub(crate) key: StoredKey,
    pub(crate) due_at: Timestamp,
}

/// The key that signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ActiveKey {
    pub(crate) key: StoredKey,
    pub(crate) activated_at: Timestamp,
}

/// A key that signs no more, and is published until the last token it signed is dead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RetiringKey {
    pub(crate) key: StoredKey,
    pub(crate) activated_at: Timestamp,
    pub(crate) retired_at: Timestamp,
}

impl KeyDocument {
    /// Makes the first document, whose key is active at once: nobody holds an older key set.
    ///
    /// # Errors
    /// [`KeyringError::Generate`] if no key could be made.
    pub fn create(policy: &RotationPolicy, now: Timestamp) -> Result<Self, KeyringError> {
        let key = StoredKey::generate(policy.algorithm, now)?;
        Ok(Self {
            active: ActiveKey {
                key,
                activated_at: now,
            },
            next: None,
            retiring: Vec::new(),
        })
    }
}

impl StoredKey {
    pub(crate) fn generate(algorithm: Algorithm, now: Timestamp) -> Result<Self, KeyringError> {
        Ok(Self {
            algorithm,
            jwk: PrivateJwk::generate(algorithm)?,
            published_at: now,
        })
    }
}
