use std::collections::HashMap;

use vestibule_protocol::KeyId;

use crate::{Jwks, PublicJwk};

/// The public keys of one issuer, parsed and ready to verify with, found by their key id.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys {
    by_id: HashMap<KeyId, PublicJwk>,
}

impl VerifyingKeys {
    /// Indexes a key set. Of two keys with the same id the first counts.
    pub fn from_jwks(jwks: &Jwks) -> Self {
        let mut by_id = HashMap::with_capacity(jwks.keys().len());
        for key in jwks.keys() {
            by_id.entry(key.key_id().clone()).or_insert_with(|| key.clone());
        }
        Self { by_id }
    }

    /// Says whether a key of this id is among them.
    pub fn contains(&self, key_id: &KeyId) -> bool {
        self.by_id.contains_key(key_id)
    }

    /// Says whether there is no key at all, so that nothing can be verified.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn find(&self, key_id: &KeyId) -> Option<&PublicJwk> {
        self.by_id.get(key_id)
    }
}
