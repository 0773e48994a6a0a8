//! The one bounded client for calls that leave the broker: to identity providers, and to documents that clients name.
//!
//! It follows no redirect, gives up in time, reads no more than it was told to, uses no proxy, and connects to no address that
//! its [`Reach`] leaves out, whatever a name resolves to. It knows nothing of OAuth, of a provider or of the broker.

mod address;
mod error;
mod network;
mod outbound;
mod resolver;

pub use address::{Reach, is_public};
pub use error::OutboundError;
pub use network::{Found, Names, Network};
pub use outbound::{Limits, Outbound};
