//! What the benchmarks share: a broker with users and clients, bare handlers to hold it against, and a load.
//!
//! A figure alone says as much about the machine as about the code, so every benchmark runs beside its baseline in the same
//! run and prints the ratio.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    reason = "a benchmark fails by panicking and speaks by printing"
)]

/// The program's own allocator, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod bare;
pub mod load;
pub mod world;
