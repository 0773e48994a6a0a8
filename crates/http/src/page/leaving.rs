//! The last pages of a walk.

use askama::Template;

use super::Frame;

/// The code, to be copied by hand.
#[derive(Debug, Template)]
#[template(path = "code.html")]
pub(crate) struct CodePage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    pub(crate) code: &'a str,
    pub(crate) minutes: u64,
}

/// The way on to an app with a scheme of its own, where a silent redirect would leave a blank tab behind.
#[derive(Debug, Template)]
#[template(path = "closing.html")]
pub(crate) struct ClosingPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    /// The address of the app; none for a client that waits for a code to be copied.
    pub(crate) location: Option<&'a str>,
    pub(crate) is_error: bool,
}

/// Why the client gets nothing, and the way back to it for a person who knows where it leads.
#[derive(Debug, Template)]
#[template(path = "turned_away.html")]
pub(crate) struct TurnedAwayPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    pub(crate) code: &'a str,
    /// What went wrong, with pieces of the request.
    pub(crate) reason: &'a str,
    /// Where the link leads; none for a client that waits for a code to be copied.
    pub(crate) place: Option<String>,
    pub(crate) location: &'a str,
}

/// The question before a sign-out.
#[derive(Debug, Template)]
#[template(path = "sign_out.html")]
pub(crate) struct SignOutPage<'a> {
    pub(crate) frame: &'a Frame,
    /// What the form carries, so that no other page can send it.
    pub(crate) form_token: &'a str,
    /// The provider that the person leaves too.
    pub(crate) provider: Option<&'a str>,
    /// The client that the person goes back to.
    pub(crate) back: Option<Onward<'a>>,
}

/// The way back to the client that sent the person here, and what the form says of it.
#[derive(Debug)]
pub(crate) struct Onward<'a> {
    pub(crate) client: String,
    pub(crate) place: String,
    pub(crate) location: String,
    pub(crate) client_id: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) state: Option<&'a str>,
}

/// The answer after it.
#[derive(Debug, Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOutPage<'a> {
    pub(crate) frame: &'a Frame,
    /// The way back, for a person who knows where it leads.
    pub(crate) back: Option<Onward<'a>>,
}
