//! A browser that is logged in at the broker.

use serde::{Deserialize, Serialize};
use vestibule_protocol::Timestamp;
use vestibule_provider::Identity;

use super::UpstreamId;

/// Who is logged in, in one browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserLogin {
    /// The person.
    pub identity: Identity,
    /// The login at the provider on which this one stands, where the broker keeps one.
    #[serde(default)]
    pub upstream: Option<UpstreamId>,
    /// When the login ends by itself.
    pub expires_at: Timestamp,
}
