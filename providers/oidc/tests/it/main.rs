//! The provider by the laws of all providers, and each preset by what is special about it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod laws;
mod presets;
