//! The subcommands, one file each.

pub(crate) mod client;
pub(crate) mod config_check;
pub(crate) mod demo;
pub(crate) mod demo_server;
pub(crate) mod doctor;
pub(crate) mod hash_password;
pub(crate) mod keys;
mod output;
pub(crate) mod serve;
