//! The real router, with an in-memory store behind it.

mod account;
mod callback;
mod cors;
mod discovery;
mod faults;
mod forms;
mod health;
mod hostile;
mod pages;
mod registration;
mod tokens;
mod walk;
mod world;
