//! Logged-in browsers, filed under the digest of their cookie.

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use crate::Digest;
use crate::record::BrowserLogin;
use crate::store::StoreError;

/// Keeps who is logged in where.
#[async_trait]
pub trait BrowserLogins: Send + Sync {
    /// Files a login.
    async fn put_browser_login(&self, cookie: Digest, login: BrowserLogin) -> Result<(), StoreError>;

    /// Finds a login that has not expired.
    async fn find_browser_login(
        &self,
        cookie: Digest,
        now: Timestamp,
    ) -> Result<Option<BrowserLogin>, StoreError>;

    /// Ends a login; ending one that is not there is no error.
    async fn end_browser_login(&self, cookie: Digest) -> Result<(), StoreError>;
}
