//! What can be told of a provider before the first login.

use serde::Serialize;
use url::Url;
use vestibule_protocol::Timestamp;

/// What a provider may need to know when it is examined.
#[derive(Debug)]
pub struct Examination {
    /// The moment of the call.
    pub now: Timestamp,
    /// The callback URL that has to be registered with the provider.
    pub callback_url: Url,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a few words.
    pub what: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen, in a sentence.
    pub detail: String,
    /// What to change, where something has to be.
    pub remedy: Option<String>,
}

/// How a [`Finding`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, but somebody should look; or only a person can tell.
    Warning,
    /// Logins will fail.
    Bad,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            verdict: Verdict::Good,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// Something that somebody should look at.
    pub fn warning(what: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            verdict: Verdict::Warning,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// Something that makes logins fail.
    pub fn bad(what: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            verdict: Verdict::Bad,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }
}
