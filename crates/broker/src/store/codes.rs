//! Authorization codes, filed under their digest.

use async_trait::async_trait;
use vestibule_protocol::{SessionId, Timestamp};

use crate::Digest;
use crate::record::CodeGrant;
use crate::store::StoreError;

/// Keeps authorization codes, each good once.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Files a code.
    async fn issue_code(&self, code: Digest, grant: CodeGrant) -> Result<(), StoreError>;

    /// Hands over the grant to the first who asks, and leaves a tombstone until `remember_until`, by which every later
    /// redemption is known for what it is. The tombstone outlives the code's own expiry.
    async fn redeem_code(
        &self,
        code: Digest,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError>;
}

/// What came of a redemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The first redemption of a live code.
    Fresh(Box<CodeGrant>),
    /// The code was redeemed before; its session has to end.
    Replayed(SessionId),
    /// There is no such code, or it expired unredeemed.
    Unknown,
}
