//! Client metadata documents.

use async_trait::async_trait;
use vestibule_protocol::{ClientId, Timestamp};

use crate::record::{ClientDocument, Standing};
use crate::store::{Page, PageRequest, StoreError};

/// Keeps the documents of clients as they were last read, and the operator's word on each.
#[async_trait]
pub trait ClientDocuments: Send + Sync {
    /// Files what was read. The standing stays as it was, and a life is never shortened. Hands back the record as it is then.
    async fn put_document(
        &self,
        document: ClientDocument,
        now: Timestamp,
    ) -> Result<ClientDocument, StoreError>;

    /// Finds a document that has not expired.
    async fn find_document(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<ClientDocument>, StoreError>;

    /// Sets the operator's word, whether the document was read or not; the record lives until `expires_at` at least.
    async fn judge_document(
        &self,
        id: &ClientId,
        standing: Standing,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Forgets a document and the operator's word on it; says whether it was there.
    async fn forget_document(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError>;

    /// A page of the documents that have not expired; nothing if the page starts at a mark that this store does not make.
    async fn list_documents(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<ClientDocument>>, StoreError>;
}
