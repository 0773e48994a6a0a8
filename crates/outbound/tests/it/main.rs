//! The client against servers on this machine, most of them hostile.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod limits;
mod reach;
mod server;
