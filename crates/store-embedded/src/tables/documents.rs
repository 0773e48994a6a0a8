//! Client metadata documents.

use async_trait::async_trait;
use vestibule_broker::record::{ClientDocument, Standing};
use vestibule_broker::store::{ClientDocuments, Page, PageRequest, StoreError};
use vestibule_protocol::{ClientId, Timestamp};

use super::listing;
use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type DocumentTable = Table<ClientId, ClientDocument>;

impl Record<ClientId> for ClientDocument {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }

    fn belongs_under(&self, key: &ClientId) -> bool {
        self.id == *key
    }
}

fn put(
    table: &mut DocumentTable,
    document: ClientDocument,
    now: Timestamp,
    trace: &mut Trace,
) -> ClientDocument {
    let filed = match table.find_live(&document.id, now, trace) {
        // A client that writes its own document must not lift the operator's word with it.
        Some(known) => ClientDocument {
            standing: known.standing,
            expires_at: known.expires_at.max(document.expires_at),
            ..document
        },
        None => document,
    };
    table.put(filed.id.clone(), filed.clone(), trace);
    filed
}

fn judge(
    table: &mut DocumentTable,
    id: &ClientId,
    (standing, expires_at): (Standing, Timestamp),
    now: Timestamp,
    trace: &mut Trace,
) {
    let judged = match table.find_live(id, now, trace) {
        Some(known) => ClientDocument {
            standing,
            expires_at: known.expires_at.max(expires_at),
            ..known.clone()
        },
        None => ClientDocument {
            id: id.clone(),
            read: None,
            standing,
            expires_at,
        },
    };
    table.put(id.clone(), judged, trace);
}

fn list(
    table: &DocumentTable,
    request: &PageRequest,
    now: Timestamp,
    trace: &mut Trace,
) -> Option<Page<ClientDocument>> {
    let after = listing::start(request).ok()?;
    trace.saw(table.last_removal());
    listing::page(table.in_order_of_expiry(after.as_ref()), request, |(_, id)| {
        table.find_live(id, now, trace).cloned()
    })
}

#[async_trait]
impl ClientDocuments for Embedded {
    async fn put_document(
        &self,
        document: ClientDocument,
        now: Timestamp,
    ) -> Result<ClientDocument, StoreError> {
        self.verb(|image, trace| put(&mut image.documents, document, now, trace))
            .await
    }

    async fn find_document(
        &self,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<ClientDocument>, StoreError> {
        self.verb(|image, trace| image.documents.find_live(id, now, trace).cloned())
            .await
    }

    async fn judge_document(
        &self,
        id: &ClientId,
        standing: Standing,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.verb(|image, trace| judge(&mut image.documents, id, (standing, expires_at), now, trace))
            .await
    }

    async fn forget_document(&self, id: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        self.verb(|image, trace| {
            let table = &mut image.documents;
            table.find_live(id, now, trace).is_some() && table.remove(id, trace).is_some()
        })
        .await
    }

    async fn list_documents(
        &self,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<ClientDocument>>, StoreError> {
        self.verb(|image, trace| list(&image.documents, page, now, trace))
            .await
    }
}
