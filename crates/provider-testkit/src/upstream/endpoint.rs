//! Where the upstream is called, and how that can fail.

/// An endpoint of the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// The metadata, or whatever else a login begins with.
    Discovery,
    /// The key set.
    Keys,
    /// Where the browser is sent.
    Authorization,
    /// Where codes and refresh tokens are exchanged.
    Token,
    /// What the upstream says about the user.
    Userinfo,
    /// Where requests are pushed to before the browser leaves.
    Pushed,
    /// Where the browser goes to leave.
    EndSession,
    /// Where a failing endpoint redirects to, and nobody should ever come.
    Trap,
}

/// How an endpoint fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It answers 503.
    Down,
    /// It answers 200 with a page.
    Nonsense,
    /// It answers 200 with ten megabytes that begin like JSON.
    Oversized,
    /// It sends the caller on to [`Endpoint::Trap`].
    Redirect,
    /// It never answers.
    Silent,
    /// It does not know the client, and says so in its own way.
    UnknownClient,
}
