//! Pushed authorization requests, filed under the digest of their client and `request_uri`.

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use crate::Digest;
use crate::record::PushedRequest;
use crate::store::StoreError;

/// Keeps pushed authorization requests, each good once.
#[async_trait]
pub trait PushedRequests: Send + Sync {
    /// Files a request.
    async fn push_request(&self, key: Digest, request: PushedRequest) -> Result<(), StoreError>;

    /// Removes a request and hands it over, if it has not expired. Only one caller ever gets it.
    async fn take_pushed_request(
        &self,
        key: Digest,
        now: Timestamp,
    ) -> Result<Option<PushedRequest>, StoreError>;
}
