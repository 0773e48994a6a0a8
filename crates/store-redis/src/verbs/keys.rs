//! The sealed key document and its version.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::StoredKeys;
use vestibule_broker::store::{Keys, StoreError};
use vestibule_keyring::SealedBox;

use crate::pack::PackError;
use crate::script::Script;
use crate::store::{Question, RedisStore};

/// How many bits of a version are the document's digest.
const DIGEST_BITS: u32 = 20;

/// Counts the swaps, with a part of the document's digest: a server that has lost the last swap cannot give the same version to
/// another document.
fn next_version(expected: Option<u64>, document: &SealedBox) -> u64 {
    let count = (expected.unwrap_or(0) >> DIGEST_BITS) + 1;
    let digest = Digest::of(document.as_str());
    let [a, b, c, ..] = *digest.as_bytes();
    let digest = u64::from(u32::from_be_bytes([0, a, b, c]) >> 4);
    (count << DIGEST_BITS) | digest
}

#[async_trait]
impl Keys for RedisStore {
    async fn load_keys(&self) -> Result<Option<StoredKeys>, StoreError> {
        let question = Question::command("HMGET", &self.keys.signing_keys())
            .arg("version")
            .arg("document");
        let (version, document): (Option<u64>, Option<String>) = self.read(question).await?;
        let (Some(version), Some(document)) = (version, document) else {
            return Ok(None);
        };
        let document = SealedBox::parse(&document).map_err(|_| PackError::Damaged)?;
        Ok(Some(StoredKeys { version, document }))
    }

    async fn swap_keys(&self, expected: Option<u64>, document: SealedBox) -> Result<bool, StoreError> {
        let version = next_version(expected, &document);
        let question = Question::script(Script::SwapKeys, &[&self.keys.signing_keys()])
            .arg(expected.map(|version| version.to_string()).unwrap_or_default())
            .arg(version)
            .arg(document.as_str());
        self.decide(question).await
    }
}
