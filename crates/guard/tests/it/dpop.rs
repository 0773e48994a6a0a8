//! Tokens that are bound to a key, and the proofs that come with them (RFC 9449).

mod challenges;
mod nonces;
mod refused;
mod replay;
mod required;
mod taken;
