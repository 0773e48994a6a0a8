//! From the authorization request to the code: every check, every page, every way to cheat.

mod account;
mod consent;
pub(crate) mod person;
mod pushed;
mod request;
mod script;
mod session;
mod step_up;
mod tries;
mod trust;
mod upstream;
