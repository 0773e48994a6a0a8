//! The client against whole servers, good and hostile ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod bound;
mod calls;
mod enterprise;
mod hostile;
mod itself;
mod keyed;
mod login;
mod logout;
mod probe;
mod renewal;
mod workload;
mod world;
