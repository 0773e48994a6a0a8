//! A sample MCP server behind the guard: a model of how to write a protected one.
//!
//! It owns a handful of tools and resources that show what a server does with a caller it can trust: whose notes are
//! whose, what a scope allows, what is open to everybody. It stands on rmcp and [`vestibule_guard`] alone and knows
//! nothing of the broker: keys come over HTTP, as they would from any other machine.
//!
//! To add a tool, write it into a file of `tools/`, and if it needs a scope, name it in [`access`].

mod access;
mod board;
mod config;
mod countdown;
mod error;
mod http;
mod notes;
mod resources;
mod server;
mod slug;
mod stdio;
mod tools;
mod usage;

pub use config::{DemoConfig, Tokens};
pub use error::DemoError;
pub use http::router;
pub use notes::{NotesError, NotesStore};
pub use stdio::{serve_on, serve_stdio};
