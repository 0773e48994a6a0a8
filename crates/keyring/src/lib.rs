//! The broker's own keys and their life, sealing at rest, refresh-token derivation.
