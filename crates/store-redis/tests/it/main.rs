//! The store in Redis keeps the law book on one server, behind Sentinel and on a cluster, and a few laws of its own.

#![cfg(test)]

mod census;
mod checks;
mod cluster;
mod laws;
mod outage;
mod proxy;
mod races;
mod refusals;
mod scripts;
mod secrecy;
mod seen;
mod sentinel;
mod size;
mod status;
mod tls;
mod world;
