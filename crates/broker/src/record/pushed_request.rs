//! An authorization request that a client pushed.

use serde::{Deserialize, Serialize};
use vestibule_protocol::Timestamp;

/// The parameters of a pushed authorization request ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)), as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    /// Names and values; what authenticated the client is not among them.
    pub params: Vec<(String, String)>,
    /// When the request ends, used or not.
    pub expires_at: Timestamp,
}
