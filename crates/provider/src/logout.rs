//! Leaving, from either side.

use url::Url;
use vestibule_protocol::Subject;

use crate::{Once, UpstreamSession};

/// A browser that leaves the broker and is to leave the provider too.
#[derive(Debug)]
pub struct Leaving {
    /// The login that ends.
    pub upstream: Option<UpstreamSession>,
    /// Where the provider sends the browser back to.
    pub return_to: Url,
    /// What the provider gives back with the browser.
    pub state: String,
}

/// What a provider's logout token says
/// ([OpenID Connect Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)),
/// once its signature and claims are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// Whose sessions end.
    pub whose: Whose,
    /// The token itself, which counts once.
    pub once: Once,
}

/// Whose sessions a logout ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of one login at the provider.
    Login {
        /// The provider's name for it.
        sid: String,
    },
    /// All of one user's.
    User(Subject),
    /// All of one user's, where the subject is made of something else than what the provider calls the user.
    Called {
        /// The provider's name for the user.
        sub: String,
    },
}
