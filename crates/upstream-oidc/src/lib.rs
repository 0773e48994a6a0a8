//! The one relying-party engine for OpenID Connect providers.
//!
//! A [`RelyingParty`] is a whole [`Provider`](vestibule_provider::Provider): discovery, code with PKCE, nonce and `iss`, ID-token
//! checks, userinfo, refresh, logout from either side, and the look before the first login. It knows the plug-in contract and
//! nothing of the broker; its only way out is `vestibule-outbound`. The `openidconnect` crate and its generics stay inside.
//!
//! To put a provider on top of it, say what is different about it and nothing else:
//!
//! 1. Fill in an [`Upstream`], which is plain data: start from [`Upstream::new`] and change the fields that the provider
//!    needs, such as [`Upstream::issuer_rule`], [`Upstream::authorize_params`], [`Upstream::logout`] or [`Upstream::claims`].
//! 2. Where claims decide who may come in, or fill the identity, implement [`Scrutiny`]: it sees the verified claims, and may
//!    deny the login or change the identity. Otherwise hand in `()`.
//! 3. [`RelyingParty::new`] checks the data, and is the provider. A provider that has another way to answer one of the
//!    contract's questions (Clerk's backend API for `recheck`, say) keeps a `RelyingParty` inside and delegates the rest.

mod at_hash;
mod authorize;
mod cached;
mod call;
mod callback;
mod claim_path;
mod claims;
mod client_auth;
mod client_key;
mod contradiction;
mod evidence;
mod examine;
mod foreign_text;
mod id_token;
mod identity;
mod jws;
mod kept;
mod key_set;
mod logout;
mod logout_token;
mod metadata;
mod oauth_error;
mod origin;
mod pushed;
mod recheck;
mod relying_party;
mod scrutiny;
mod token;
mod upstream;
mod userinfo;

pub use claim_path::{ClaimPath, ClaimPathError};
pub use claims::Claims;
pub use client_auth::{Assertion, AssertionType, ClientAuth, SecretMethod};
pub use client_key::{ClientKey, ClientKeyError};
pub use origin::{ProviderOrigin, ProviderOriginError};
pub use relying_party::RelyingParty;
pub use scrutiny::{Evidence, Scrutiny};
pub use upstream::{
    ClaimMap, EmailTrust, FreshLogin, IssuerRule, LogoutStyle, NonceRule, Pushing, ResponseMode, Upstream,
};
pub use vestibule_jose::foreign::SigningAlgorithm;
