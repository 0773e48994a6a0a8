//! Logged-in browsers.

use async_trait::async_trait;
use vestibule_broker::Digest;
use vestibule_broker::record::BrowserLogin;
use vestibule_broker::store::{BrowserLogins, StoreError};
use vestibule_protocol::Timestamp;

use crate::embedded::Embedded;
use crate::table::{Record, Table};

pub(crate) type BrowserLoginTable = Table<Digest, BrowserLogin>;

impl Record<Digest> for BrowserLogin {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[async_trait]
impl BrowserLogins for Embedded {
    async fn put_browser_login(&self, cookie: Digest, login: BrowserLogin) -> Result<(), StoreError> {
        self.verb(|image, trace| image.browser_logins.put(cookie, login, trace))
            .await
    }

    async fn find_browser_login(
        &self,
        cookie: Digest,
        now: Timestamp,
    ) -> Result<Option<BrowserLogin>, StoreError> {
        self.verb(|image, trace| image.browser_logins.find_live(&cookie, now, trace).cloned())
            .await
    }

    async fn end_browser_login(&self, cookie: Digest) -> Result<(), StoreError> {
        self.verb(|image, trace| drop(image.browser_logins.remove(&cookie, trace)))
            .await
    }
}
