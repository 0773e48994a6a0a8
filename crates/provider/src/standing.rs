//! Whether a user still stands with the provider after the login.

use vestibule_protocol::Subject;

use crate::Sealed;

/// What a provider can do beyond a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// It can say whether the user of an earlier login still stands.
    pub recheck: bool,
}

/// What a provider needs to recognise an earlier login.
#[derive(Debug, Clone)]
pub struct UpstreamSession {
    /// The user.
    pub subject: Subject,
    /// The provider's own record, such as a refresh token.
    pub kept: Sealed,
}

/// Whether the user still stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The user still stands; the provider's record may have changed and replaces the earlier one.
    Good(UpstreamSession),
    /// The user is gone, disabled or locked out: the broker ends the session.
    Gone(String),
    /// The provider cannot know.
    Unknown,
}
