//! A login at a provider, on which a browser login and any number of sessions stand.

use std::fmt;

use serde::{Deserialize, Serialize};
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ProviderId, Subject, Timestamp};

/// The broker's own name for a login at a provider.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UpstreamId(String);

impl UpstreamId {
    /// The id of this name, which is unique and no secret.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UpstreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UpstreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamId({:?})", self.0)
    }
}

/// One login at one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamLogin {
    /// Its id.
    pub id: UpstreamId,
    /// The provider.
    pub provider: ProviderId,
    /// Who logged in.
    pub subject: Subject,
    /// The provider's own name for the login.
    pub sid: Option<String>,
    /// The provider's own name for the user, where the subject is made of something else.
    #[serde(default)]
    pub sub: Option<String>,
    /// Whether it still stands.
    pub state: UpstreamState,
    /// When nothing stands on it any more.
    pub expires_at: Timestamp,
}

/// Whether a login at a provider still stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum UpstreamState {
    /// As far as is known.
    Standing(Vouched),
    /// It is over, and stays so.
    Ended,
}

/// What the provider said last, and what it is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// The provider's own record, sealed: a refresh token, say, which the provider replaces each time.
    pub kept: SealedBox,
    /// Counts the claims, so that only the one who holds the newest settles it.
    pub version: u64,
    /// When the provider vouched last.
    pub checked_at: Timestamp,
    /// From when on the provider is to be asked again.
    pub check_due: Timestamp,
    /// Since when the provider has not answered.
    pub failing_since: Option<Timestamp>,
    /// Until when somebody is asking.
    pub claimed_until: Option<Timestamp>,
}

/// What a provider calls a login in its own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// By the login itself.
    Sid(String),
    /// By its user.
    Sub(String),
}

impl UpstreamLogin {
    /// What the provider calls the login.
    pub fn called(&self) -> impl Iterator<Item = Called> {
        let sid = self.sid.clone().map(Called::Sid);
        sid.into_iter().chain(self.sub.clone().map(Called::Sub))
    }

    /// What the provider said last, if the login stands.
    pub fn vouched(&self) -> Option<&Vouched> {
        match &self.state {
            UpstreamState::Standing(vouched) => Some(vouched),
            UpstreamState::Ended => None,
        }
    }
}
