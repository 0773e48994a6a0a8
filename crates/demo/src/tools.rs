//! The tools, one file for each kind.

mod data;
mod notes;
mod plain;
mod profile;

pub(crate) use profile::Profile;
