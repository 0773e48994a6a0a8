//! A person's own sessions.

use askama::Template;

use super::Frame;

/// The sessions of the person who is logged in.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) user: String,
    /// What the page's forms carry, so that no other page can send them.
    pub(crate) form_token: &'a str,
    pub(crate) sessions: Vec<SessionLine>,
}

/// The page for a browser that holds no login.
#[derive(Debug, Template)]
#[template(path = "logged_out_account.html")]
pub(crate) struct LoggedOutAccountPage<'a> {
    pub(crate) frame: &'a Frame,
}

/// One session.
#[derive(Debug)]
pub(crate) struct SessionLine {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) resources: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) since: String,
    pub(crate) last_used: String,
}
