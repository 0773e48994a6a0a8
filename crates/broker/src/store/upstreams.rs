//! Logins at providers.

use async_trait::async_trait;
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ProviderId, Subject, Timestamp};

use crate::record::{Called, UpstreamId, UpstreamLogin};
use crate::store::StoreError;

/// Keeps the logins at providers, and sees to it that one asks about each at a time.
#[async_trait]
pub trait UpstreamLogins: Send + Sync {
    /// Files a login.
    async fn put_upstream(&self, login: UpstreamLogin) -> Result<(), StoreError>;

    /// Finds a login that has not expired, whether it stands or has ended.
    async fn find_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError>;

    /// Keeps a login at least until `until`, and says whether it stands. What is opened on it before this question and is
    /// told that it stands will be found by whoever ends it.
    async fn hold_upstream(
        &self,
        id: &UpstreamId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Takes it upon the caller to ask the provider, if that is due and nobody else is asking. The claim is the caller's until
    /// `claimed_until`; then somebody else may have it.
    async fn claim_upstream(
        &self,
        id: &UpstreamId,
        claimed_until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError>;

    /// Writes down what came of asking, if the login stands and is still at `version`; says whether it did.
    async fn settle_upstream(
        &self,
        id: &UpstreamId,
        version: u64,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends a login and hands back its record, if it stood. It stays ended until its expiry.
    async fn end_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError>;

    /// The logins of a user that stand.
    async fn upstreams_of_user(
        &self,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError>;

    /// The logins that this provider calls so, whether they stand or have ended: whoever was interrupted when ending them finds
    /// them again.
    async fn upstreams_called(
        &self,
        provider: &ProviderId,
        called: &Called,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError>;
}

/// What came of a claim; the record is as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The caller has to ask, and to settle at the record's version.
    Granted(Box<UpstreamLogin>),
    /// It is not due.
    NotDue(Box<UpstreamLogin>),
    /// Somebody else is asking.
    Busy(Box<UpstreamLogin>),
    /// There is no such login, or it has ended.
    Ended,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The provider vouches, or cannot know.
    Standing {
        /// The provider's own record, sealed anew, where it changed.
        kept: Option<SealedBox>,
        /// From when on it is asked again.
        check_due: Timestamp,
    },
    /// The provider did not answer, or its answer proves nothing.
    Failing {
        /// The provider's own record, sealed anew, where it changed.
        kept: Option<SealedBox>,
        /// From when on it is asked again.
        check_due: Timestamp,
    },
}
