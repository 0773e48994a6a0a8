//! Pushed authorization requests.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::PushedRequest;
use vestibule_broker::store::{PushedRequests, StoreError};
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;
use crate::table::{Record, Table};

pub(crate) type PushedRequestTable = Table<Digest, PushedRequest>;

impl Record<Digest> for PushedRequest {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[async_trait]
impl PushedRequests for Embedded {
    async fn push_request(&self, key: Digest, request: PushedRequest) -> Result<(), StoreError> {
        self.verb(|image, trace| image.pushed_requests.put(key, request, trace))
            .await
    }

    async fn take_pushed_request(
        &self,
        key: Digest,
        now: Timestamp,
    ) -> Result<Option<PushedRequest>, StoreError> {
        let taken = self
            .verb(|image, trace| image.pushed_requests.remove(&key, trace))
            .await?;
        Ok(taken.filter(|request| now < request.expires_at))
    }
}
