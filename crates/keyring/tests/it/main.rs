//! How the keys live, and what is sealed and derived under the master secret.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod device_marks;
mod keyring;
mod life;
mod master_secret;
mod refresh;
mod rotation;
mod sealing;
mod support;
