//! Proofs of possession ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): who asks shows, with each request, that it has the
//! key to which its tokens are bound.
//!
//! [`verify`] makes every check of [§4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) that one proof allows by itself. Two
//! are left to the caller: a proof is good once, so it remembers the [`Proof`] until it is [too old](Proof::forgettable_at); and
//! a token that is bound to a key has to name the very [thumbprint](Proof::thumbprint) of the proof.

mod error;
mod key;
mod nonces;
mod proof;
mod target;

pub use error::ProofError;
pub use nonces::Nonces;
pub use proof::{Demand, NonceRule, Proof, Window, only, verify};
pub use target::TargetUri;

use crate::foreign::SigningAlgorithm;

/// What a proof may be signed with: “the JWS signature verification algorithm […] indicates a registered asymmetric digital
/// signature algorithm”.
pub const ALGORITHMS: [SigningAlgorithm; 5] = [
    SigningAlgorithm::Es256,
    SigningAlgorithm::Es384,
    SigningAlgorithm::EdDsa,
    SigningAlgorithm::Ps256,
    SigningAlgorithm::Rs256,
];

/// The names of [`ALGORITHMS`], as metadata and challenges list them.
pub fn algorithm_names() -> impl Iterator<Item = &'static str> {
    ALGORITHMS.into_iter().map(SigningAlgorithm::as_str)
}
