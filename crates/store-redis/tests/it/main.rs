//! The store in Redis keeps the law book on one server, behind Sentinel and on a cluster, and a few laws of its own.

#![cfg(test)]

mod laws;
mod world;
