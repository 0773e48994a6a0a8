//! The Token Status Lists, as they are served (draft-ietf-oauth-status-list).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;
use vestibule_jose::{
    EncodedStatusList, SignError, Status, StatusList, StatusListClaims, StatusListError, TokenType,
};
use vestibule_protocol::{OAuthErrorCode, Timestamp};

use crate::keys::KeysError;
use crate::store::{StatusBits, StoreError};
use crate::{Broker, Digest, EndpointError};

/// How long a list may be kept before a fresh one is asked for: what a revocation takes at most to reach a verifier.
const FRESH_FOR: Duration = Duration::from_secs(10);

/// A list as it is served.
#[derive(Debug)]
pub struct PublishedStatusList {
    /// The signed list, `application/statuslist+jwt`.
    pub jwt: Bytes,
    /// The entity tag, with its quotation marks.
    pub etag: String,
    /// How long caches may keep it.
    pub max_age: Duration,
    version: u64,
    signed_at: Timestamp,
}

/// The lists that were signed last.
#[derive(Default)]
pub(crate) struct StatusLists(Mutex<BTreeMap<u64, Arc<PublishedStatusList>>>);

impl StatusLists {
    fn find(&self, list: u64) -> Option<Arc<PublishedStatusList>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&list)
            .cloned()
    }

    fn put(&self, list: u64, published: Arc<PublishedStatusList>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(list, published);
    }
}

impl Broker {
    /// A status list as it stands; `None` if there is no such list. It is signed anew only when a bit has been set, or when
    /// half its life is over.
    ///
    /// # Errors
    /// [`StatusError`].
    pub async fn status_list(&self, list: u64) -> Result<Option<Arc<PublishedStatusList>>, StatusError> {
        let now = self.now();
        let Some(bits) = self.store.read_status(list).await? else {
            return Ok(None);
        };
        let half_life = self.settings.lifetimes.status_list / 2;
        let good = |published: &Arc<PublishedStatusList>| {
            published.version == bits.version && now < published.signed_at + half_life
        };
        if let Some(published) = self.status_lists.find(list).filter(good) {
            return Ok(Some(published));
        }
        let published = Arc::new(self.sign_status_list(list, &bits, now).await?);
        self.status_lists.put(list, published.clone());
        Ok(Some(published))
    }

    async fn sign_status_list(
        &self,
        list: u64,
        bits: &StatusBits,
        now: Timestamp,
    ) -> Result<PublishedStatusList, StatusError> {
        let mut statuses = StatusList::all_valid(bits.size);
        for bit in &bits.set {
            statuses.set(*bit, Status::Invalid)?;
        }
        let claims = StatusListClaims {
            iss: self.settings.issuer.clone(),
            sub: self.mint.status_list(list),
            iat: now,
            exp: now + self.settings.lifetimes.status_list,
            ttl: Some(FRESH_FOR.as_secs()),
            status_list: EncodedStatusList::from(&statuses),
        };
        let keys = self.keys.ready(now).await?;
        let jwt = keys.keyring.signer().sign(TokenType::StatusList, &claims)?;
        Ok(PublishedStatusList {
            etag: format!("\"{}\"", Digest::of(&jwt)),
            jwt: jwt.into(),
            max_age: FRESH_FOR,
            version: bits.version,
            signed_at: now,
        })
    }
}

/// Why a status list cannot be served.
#[derive(Debug, Error)]
pub enum StatusError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This replica cannot tell which key to sign with.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store holds a bit that the list does not have.
    #[error("the status list in the store contradicts itself")]
    Corrupt(#[from] StatusListError),
    /// The list could not be signed.
    #[error(transparent)]
    Signing(#[from] SignError),
}

impl EndpointError for StatusError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Store(error) | Self::Keys(KeysError::Store(error)) => error.code(),
            Self::Keys(_) | Self::Corrupt(_) | Self::Signing(_) => OAuthErrorCode::ServerError,
        }
    }
}
