//! A client that registered itself.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, Timestamp, ValidMetadata};

use crate::Digest;

/// A dynamically registered client ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredClient {
    /// The client id.
    pub id: ClientId,
    /// What the client said of itself, after validation.
    pub metadata: ValidMetadata,
    /// What a confidential client has to show.
    pub secret: Option<RegisteredSecret>,
    /// When it registered.
    pub registered_at: Timestamp,
    /// When it goes, unless it is used before.
    pub expires_at: Timestamp,
    /// An operator has shut it out.
    pub blocked: bool,
}

/// The credentials of a confidential registered client, hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredSecret {
    /// The client secret.
    pub client_secret: Digest,
    /// The registration access token ([RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)).
    pub registration_token: Digest,
}
