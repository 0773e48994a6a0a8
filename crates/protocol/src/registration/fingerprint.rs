//! What makes two registrations the same.

use sha2::{Digest as _, Sha256};

use super::ValidMetadata;
use crate::{RedirectClass, RedirectUri};

impl ValidMetadata {
    /// The SHA-256 of the metadata in one canonical form, in which the order of redirect URIs and the ports of loopback
    /// ones do not count: a client that registers at every start, on another port each time, is one client.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut canonical = self.clone();
        canonical.redirect_uris.clear();
        let mut uris: Vec<String> = self.redirect_uris.iter().map(without_port).collect();
        uris.sort();
        uris.dedup();
        let mut hash = Sha256::new();
        let rest = serde_json::to_vec(&canonical).unwrap_or_default();
        for text in uris.iter().map(String::as_bytes).chain([rest.as_slice()]) {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

fn without_port(uri: &RedirectUri) -> String {
    if uri.class() == RedirectClass::Loopback {
        let (host, path) = uri.without_port();
        format!("{host}{path}")
    } else {
        uri.as_str().to_owned()
    }
}
