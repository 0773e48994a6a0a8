//! An MCP client that walks the authorization flow: from the address of an MCP server to a token, and from
//! a token to a tool's answer.
//!
//! The crate owns what a client does: discovery with its checks, registration, the person's way through a
//! browser, tokens and their renewal, and the folder in which logins are kept. It stands on `protocol`
//! alone and must never depend on the broker or the guard, for it trusts neither: what a server says is
//! checked here, as if any stranger had said it. It reads no environment, no clock and no randomness; the
//! program hands them in as [`Host`], and speaks with the person through [`Interaction`].
//!
//! One more way to become known to an authorization server is one more variant of [`Enrolment`]; one more way in without a
//! person, one of [`Entrance`], with its grant in `token/`.

mod authorize;
mod client;
mod credential;
mod discovery;
mod foreign_text;
mod form;
mod host;
mod http;
mod interaction;
mod jwt;
mod key_file;
mod limits;
mod mcp_url;
mod probe;
mod proof;
mod reach;
mod refusal;
mod registration;
mod session;
mod store;
mod token;
mod token_file;

pub use authorize::{AuthorizeError, Handoff};
pub use client::{
    CallError, Client, ClientBuilder, Entrance, IdToken, IdentityProvider, Login, LoginError, LoginRequest,
    Logout, LogoutError, UnattendedLogin,
};
pub use credential::{ClientCredential, CredentialError, KnownClient};
pub use discovery::{Binding, DiscoveryError};
pub use foreign_text::ForeignText;
pub use host::Host;
pub use http::HttpError;
pub use interaction::Interaction;
pub use key_file::KeyFileError;
pub use limits::Limits;
pub use mcp_url::{McpUrl, McpUrlError};
pub use probe::{Probe, Profile, Report, Step, Verdict};
pub use proof::ProofError;
pub use reach::ReachError;
pub use refusal::Refusal;
pub use registration::{Enrolment, RegistrationError};
pub use rmcp::model::{CallToolResult, JsonObject, Tool};
pub use store::{StoreError, TokenStore};
pub use token::TokenError;
pub use token_file::TokenFileError;
