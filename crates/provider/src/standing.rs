//! Whether a user still stands with the provider after the login.

use vestibule_protocol::Subject;

use crate::Sealed;

/// What a provider can do beyond a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// It can say whether the user of an earlier login still stands.
    pub recheck: bool,
    /// It has a session of its own in the browser, which [`Provider::logout`](crate::Provider::logout) ends.
    pub logout: bool,
    /// It tells of logouts by itself ([OpenID Connect Back-Channel
    /// Logout](https://openid.net/specs/openid-connect-backchannel-1_0.html)).
    pub back_channel_logout: bool,
}

/// What a provider needs to recognise an earlier login.
#[derive(Debug, Clone)]
pub struct UpstreamSession {
    /// The user.
    pub subject: Subject,
    /// The provider's own name for the login (`sid`), where it has one: what a back-channel logout names.
    pub sid: Option<String>,
    /// The provider's own name for the user (`sub`), where the subject is made of something else: what a back-channel logout of
    /// all of a user's logins names.
    pub sub: Option<String>,
    /// The provider's own record, such as a refresh token and the ID token that a logout wants as its hint.
    pub kept: Sealed,
}

impl UpstreamSession {
    /// The login of a user whose provider calls neither by a name of its own.
    pub fn of(subject: Subject, kept: Sealed) -> Self {
        Self {
            subject,
            sid: None,
            sub: None,
            kept,
        }
    }
}

/// Whether the user still stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The user still stands; the provider's record may have changed and replaces the earlier one.
    Good(UpstreamSession),
    /// The provider has answered, but the answer does not hold, or could not be looked at: it counts as no answer. The provider's
    /// record replaces the earlier one all the same, whose refresh token may be spent.
    Unproven(UpstreamSession, String),
    /// The user is gone, disabled or locked out: the broker ends the session.
    Gone(String),
    /// The provider cannot know.
    Unknown,
}
