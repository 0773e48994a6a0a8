//! Proofs of possession ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).

/// How proofs are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DpopSettings {
    /// Whether a proof needs a nonce.
    pub nonces: ProofNonces,
}

impl Default for DpopSettings {
    fn default() -> Self {
        Self {
            nonces: ProofNonces::Asked,
        }
    }
}

/// Whether a proof needs a nonce of this server ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofNonces {
    /// It does, so that none can be made ahead of time by whoever has the key for a moment.
    Asked,
    /// It does not: what it says of its own time is enough.
    NotAsked,
}

/// Whether tokens have to be bound to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DpopBinding {
    /// They are where the client proves one.
    #[default]
    AsProved,
    /// They are, or there are none.
    Required,
}
