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
    /// Where its users' notes are.
    pub notes: NotesStore,
    /// Cancelled when the program stops: open event streams end, so that the listener can drain.
    pub shutdown: CancellationToken,
}
