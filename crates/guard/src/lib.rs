//! What an MCP server links to be protected by Vestibule.
//!
//! This crate owns the resource server's half of the protocol: protected-resource metadata, the challenge that tells a
//! client where to log in, the verification of access tokens, the scopes of each call, the binding of MCP sessions, and
//! the typed [`Principal`] that a handler gets in place of the token. It is a tower [`Layer`](tower_layer::Layer) and no
//! framework of its own. It never depends on the broker, on a store, on OpenSSL or on any MCP SDK, and it speaks plain
//! `tracing`.
//!
#![doc = include_str!("../README.md")]

mod admission;
mod builder;
mod cache;
mod clock;
mod cors;
mod credential;
mod digest;
mod documents;
mod dpop;
mod fetch;
mod guard;
mod introspection;
mod issuer_metadata;
mod json_rpc;
mod keys;
mod layer;
mod lease;
mod mcp_session;
mod offline;
mod principal;
mod refusal;
mod scope_rules;
mod status;
mod token_error;
mod verification;

pub use builder::{BuildError, GuardBuilder};
pub use clock::{Clock, SystemClock};
pub use dpop::{DpopPolicy, ProofId, Spending, SpentProofs, SpentProofsError};
#[cfg(feature = "reqwest")]
pub use fetch::ReqwestFetch;
pub use fetch::{Fetch, FetchError, MAX_ANSWER_BYTES};
pub use guard::{Guard, ToolAccess};
pub use introspection::{IntrospectionError, IntrospectionPolicy};
pub use issuer_metadata::MetadataError;
pub use keys::KeysError;
pub use layer::{GuardLayer, GuardService};
pub use principal::{NoPrincipal, Principal};
pub use status::{StatusError, StatusPolicy};
pub use token_error::TokenError;
pub use vestibule_jose::AccessTokenClaims;
pub use vestibule_protocol::{
    ClientId, Issuer, KeyThumbprint, ResourceUri, ScopeSet, Secret, SessionId, Subject, Timestamp,
};
