//! What a remembered consent is filed under.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, ResourceUri, Subject};

use crate::Digest;

/// One user's word on one client at one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConsentKey {
    /// The user.
    pub subject: Subject,
    /// The client.
    pub client_id: ClientId,
    /// The resource.
    pub resource: ResourceUri,
    /// What else the word stands on: of a client whose document may change, where codes go and what proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<Digest>,
}
