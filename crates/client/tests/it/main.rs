//! The client against whole servers, good and hostile ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod calls;
mod hostile;
mod login;
mod logout;
mod own_login;
mod probe;
mod renewal;
mod world;
