//! The question of consent.

use askama::Template;

use super::Frame;

/// The page that asks whether a client may act for the person.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: Asking,
    pub(crate) target: String,
    pub(crate) target_initial: String,
    pub(crate) user: String,
    pub(crate) user_detail: Option<String>,
    pub(crate) provider: String,
    pub(crate) resources: Vec<ResourceScopes>,
    pub(crate) identity_scopes: Vec<ScopeLine>,
    pub(crate) agreed: Vec<String>,
    pub(crate) withheld: Vec<String>,
    pub(crate) remembers: bool,
}

/// The client that asks.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) name: String,
    pub(crate) initial: String,
    pub(crate) origin: &'static str,
    pub(crate) document_host: Option<String>,
    pub(crate) redirect_host: String,
    pub(crate) warning: Option<&'static str>,
    /// The code that the asking device shows.
    pub(crate) device: Option<String>,
}

/// One MCP server and what is asked of it.
#[derive(Debug)]
pub(crate) struct ResourceScopes {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) scopes: Vec<ScopeLine>,
}

/// One scope, with its sentence.
#[derive(Debug)]
pub(crate) struct ScopeLine {
    pub(crate) scope: String,
    pub(crate) text: String,
    pub(crate) includes: String,
    pub(crate) required: bool,
}
