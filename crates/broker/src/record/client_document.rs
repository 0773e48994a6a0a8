//! A client that is known by the document at its address.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, Timestamp, ValidMetadata};

/// A client metadata document, as it was last read, and the operator's word on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDocument {
    /// The client id, which is where the document is.
    pub id: ClientId,
    /// The document; none if an operator's word came before anybody read it.
    pub read: Option<ReadDocument>,
    /// The operator's word.
    pub standing: Standing,
    /// From when on nothing is known of it any more, unless it is read again before.
    pub expires_at: Timestamp,
}

/// What a document said when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadDocument {
    /// What the client says of itself, after validation.
    pub metadata: ValidMetadata,
    /// When it was read.
    pub read_at: Timestamp,
    /// From when on it is to be read again.
    pub fresh_until: Timestamp,
}

/// An operator's word on a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is none: the configuration decides.
    Usual,
    /// It is approved.
    Approved,
    /// It is shut out.
    Blocked,
}
