use tokio_util::sync::CancellationToken;
use vestibule_protocol::{Issuer, ResourceUri};

use crate::notes::NotesStore;

/// What the sample server needs to know.
#[derive(Clone)]
pub struct DemoConfig {
    /// The server's own public URL, such as `http://localhost:3001/mcp`: the `aud` of every token for it.
    pub resource: ResourceUri,
    /// Whose tokens it accepts.
    pub issuer: Issuer,
    /// Which of their tokens.
    pub tokens: Tokens,
    /// Where its users' notes are.
    pub notes: NotesStore,
    /// Cancelled when the program stops: open event streams end, so that the listener can drain.
    pub shutdown: CancellationToken,
}

/// Which access tokens the sample server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Every one that is for it; one that is bound to a key with its proof.
    Any,
    /// Those alone that are bound to a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)), with a nonce in each proof.
    Bound,
}
