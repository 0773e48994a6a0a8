use std::fmt;

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use thiserror::Error;
use vestibule_jose::dpop::Proof;
use vestibule_protocol::Timestamp;

/// Remembers which proofs were used, so that none is used twice
/// ([RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)).
///
/// The guard does so in its process. Where several replicas serve one MCP server, give them a store that they share:
/// in Redis, one `SET id 1 NX PXAT until` says all there is to say.
#[async_trait]
pub trait SpentProofs: Send + Sync + 'static {
    /// Marks a proof as used and says whether it had been before, in one atomic step. It has to be remembered for as long as
    /// `now` is before `until`.
    ///
    /// # Errors
    /// [`SpentProofsError`] when that cannot be known or kept: the caller is told to come again.
    async fn spend(
        &self,
        proof: ProofId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Spending, SpentProofsError>;
}

/// What becomes of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spending {
    /// It is used for the first time.
    First,
    /// It has been used, or it can no longer be known.
    Again,
}

/// Why it cannot be known whether a proof has been used.
#[derive(Debug, Error)]
pub enum SpentProofsError {
    /// As many are remembered as may be, and none of them can be forgotten yet.
    #[error("no more proofs can be remembered at the moment")]
    Full,
    /// The store does not answer.
    #[error("the store of used proofs does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a proof is known by: the SHA-256 of its key's thumbprint and its `jti`. A signature can be written in more than one
/// way, and is no part of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProofId(pub(super) [u8; 32]);

impl ProofId {
    pub(crate) fn of(proof: &Proof) -> Self {
        let mut context = Context::new(&SHA256);
        // A thumbprint is always of the same length: no two pairs read the same.
        context.update(proof.thumbprint.as_bytes());
        context.update(proof.jti.as_bytes());
        let mut id = [0; 32];
        id.copy_from_slice(context.finish().as_ref());
        Self(id)
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ProofId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofId(..)")
    }
}
