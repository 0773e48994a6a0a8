//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use vestibule_protocol::{ClientId, KeyThumbprint, SessionId, Subject, Timestamp};

use crate::record::{Generation, Session};
use crate::store::{Page, PageRequest, StoreError};

/// Keeps sessions and their generations.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Files a session, unless one of its id was ended before.
    async fn open_session(&self, session: Session, now: Timestamp) -> Result<Opened, StoreError>;

    /// Finds a live session.
    async fn find_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Finds a session that is about to be rotated: as it is, or as it was when this store saw it last. What rotations change may
    /// be older then, and it may have ended: a caller who relies on it lets [`Sessions::rotate_session`] decide, and whoever
    /// finds a reason to refuse looks at what is, with [`Sessions::find_session`].
    async fn recall_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.find_session(id, now).await
    }

    /// Moves a live session from generation `presented` to the next one and renews its idle time.
    ///
    /// One with another salt than the caller knows is another session, and unknown. One that is bound to another key than the one
    /// that was proved stays as it is.
    ///
    /// The generation just before the current one, within the grace window of its rotation, is a repetition; any older one
    /// (or the one before, after the window) is reuse. Reuse does not end the session by itself: the caller does. A
    /// generation not yet reached is unknown.
    async fn rotate_session(
        &self,
        id: &SessionId,
        presented: u64,
        terms: RotationTerms,
        now: Timestamp,
    ) -> Result<Rotated, StoreError>;

    /// Ends a session and hands back its record, if it lived. The id stays ended until `remember_until`, even if there was
    /// no such session: one that is being opened meanwhile is refused.
    async fn end_session(
        &self,
        id: &SessionId,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError>;

    /// The live sessions of a user.
    async fn sessions_of_user(&self, subject: &Subject, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// The live sessions of a client.
    async fn sessions_of_client(&self, client: &ClientId, now: Timestamp)
    -> Result<Vec<Session>, StoreError>;

    /// A page of the live sessions; nothing if the page starts at a mark that this store does not make. A mark is good for
    /// the listing that it comes from.
    async fn list_sessions(
        &self,
        of: &SessionsOf,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Option<Page<Session>>, StoreError>;
}

/// Whose sessions are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionsOf {
    /// Everybody's.
    Anybody,
    /// One user's.
    User(Subject),
    /// One client's.
    Client(ClientId),
}

/// What came of opening a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It is open.
    Open,
    /// It was ended before it was opened.
    AlreadyEnded,
}

/// The terms of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationTerms {
    /// The salt of the session that the caller means: with it was opened all that no rotation changes.
    pub salt: [u8; 16],
    /// How long after a rotation the generation before is a repetition and not reuse.
    pub grace: Duration,
    /// How long the session lives from now if it is not used.
    pub idle: Duration,
    /// From when on the login at the provider is to be looked at again; as before, when absent.
    pub recheck_at: Option<Timestamp>,
    /// The DPoP key that the caller has proved, if it has proved one.
    pub proved: Option<KeyThumbprint>,
    /// The DPoP key to which refresh tokens are bound from this rotation on, if they are bound to none yet.
    pub bind: Option<KeyThumbprint>,
}

/// What came of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// The session is at this new generation.
    Rotated(Generation),
    /// The presented generation was rotated a moment ago, to this one. The client is given the same successor.
    Repeated(Generation),
    /// The presented generation is spent: somebody has a copy.
    Reused,
    /// The session is bound to this key, and that is not the one that was proved.
    OfAnotherKey(KeyThumbprint),
    /// There is no such live session or generation.
    Unknown,
}
