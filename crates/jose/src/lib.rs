//! Signing and verifying: JSON Web Tokens, key sets and Token Status Lists.
//!
//! This crate owns the signed form of everything that Vestibule says: how a token is minted
//! ([`SigningKey`]), how a public key is written down ([`PublicJwk`], [`Jwks`]), and every check that
//! stands between a stranger's string and the claims in it ([`verify`]). It is small enough for an MCP
//! server to link, so it depends on no HTTP client, no store, no OpenSSL and no OAuth grant. It reads no
//! clock: whether a token has expired is judged against the `now` that the caller hands in.
//!
//! JWK vocabulary and PEM come from `jsonwebtoken`; the signatures themselves are aws-lc-rs, called with
//! keys that were parsed once.
//!
//! What others sign, with their own algorithms and keys, is verified in [`foreign`]; the proofs with which they show that they
//! have a key, in [`dpop`].
//!
//! To add a kind of token, add a variant to [`TokenType`] and a claims struct in `claims/`. To add an
//! algorithm, add a variant to [`Algorithm`] and follow the compiler.

mod algorithm;
mod at_hash;
mod claims;
mod compact;
pub mod dpop;
mod expected;
pub mod foreign;
mod jwk;
mod jwks;
pub mod numeric_date;
mod registered;
mod signing_key;
mod status_list;
mod token_type;
mod verify;
mod verifying_keys;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use at_hash::at_hash;
pub use claims::{
    AccessTokenClaims, Audience, Confirmation, EncodedStatusList, IdTokenClaims, IntrospectionClaims,
    StatusClaim, StatusListClaims, StatusListReference,
};
pub use expected::Expected;
pub use jwk::{JwkError, PublicJwk};
pub use jwks::Jwks;
pub use signing_key::{KeyError, SignError, SigningKey};
pub use status_list::{Status, StatusList, StatusListError};
pub use token_type::TokenType;
pub use verify::{VerifyError, verify};
pub use verifying_keys::VerifyingKeys;
