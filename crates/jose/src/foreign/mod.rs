//! What others sign: ID tokens of identity providers, and assertions of clients and of trusted issuers.
//!
//! Others choose their algorithms and shapes of keys, so more is read here than Vestibule itself would write. Nothing of a
//! token is believed before [`KeySet::judge`] has found its signature good, and what its claims have to say is the caller's to
//! judge.

mod algorithm;
mod assertion;
mod jws;
mod key;
mod key_set;

pub use algorithm::{SigningAlgorithm, UnknownSigningAlgorithm};
pub use assertion::{AssertionClaims, ClockError, Clocks};
pub use jws::{Jws, JwsError};
pub(crate) use key::Key;
pub use key_set::{KeySet, KeySetError, Signature};
