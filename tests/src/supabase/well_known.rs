//! The published keys.

use serde_json::{Value, json};

use super::key::Signing;
use super::world::World;

impl World {
    /// Secrets are never among them, so a project of old publishes none.
    pub(super) fn keys(&self) -> Value {
        let keys = match self.signing {
            Signing::Es256 | Signing::Hs256BesideKeys => vec![self.signer.jwk()],
            Signing::Hs256 => Vec::new(),
        };
        json!({"keys": keys})
    }
}
