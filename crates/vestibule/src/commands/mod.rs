//! The subcommands, one file each.

pub(crate) mod client;
pub(crate) mod clients;
pub(crate) mod config_check;
pub(crate) mod demo;
pub(crate) mod demo_server;
pub(crate) mod doctor;
pub(crate) mod hash_password;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod limits;
mod listing;
pub(crate) mod login;
mod operator;
mod output;
mod paint;
pub(crate) mod policy;
pub(crate) mod probe;
pub(crate) mod serve;
pub(crate) mod sessions;
mod table;
