//! The embedded store keeps the law book, and a few laws of its own.

#![cfg(test)]

mod crash;
mod laws;
mod old_records;
mod opening;
mod paging;
mod sweeping;
