//! Real Redis processes for tests: alone, behind Sentinel, as a cluster.
//!
//! Each is Debian's `redis-server` on ports of its own, with a directory of its own. A process ends when its value is dropped, and
//! also when the test is killed: a shell beside it waits for the end of a pipe that the test holds, and then kills it and removes its
//! directory. This crate knows no other crate of the workspace.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that gets no Redis fails by panicking"
)]

mod certificates;
mod cluster;
mod door;
mod process;
mod redis;
mod sentinel;
mod wait;

pub use cluster::Cluster;
pub use redis::Redis;
pub use sentinel::Sentinel;
pub use wait::until;
