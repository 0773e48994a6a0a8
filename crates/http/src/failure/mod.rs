//! What is answered instead of what was asked for: to programs ([`ApiFailure`]), to people ([`PageFailure`]).
//!
//! For programs, the broker's errors say themselves which code they have. For people, one exhaustive function maps each
//! error to a page; the file is named after the use case.

mod account;
mod api;
mod authorize;
mod fault;
mod limited;
mod logout;
mod page;
mod problem;
mod refusal;
mod walk;

pub(crate) use api::ApiFailure;
pub(crate) use fault::{Fault, FaultKind, SOON};
pub(crate) use limited::{limited_document, name_limit};
pub(crate) use page::PageFailure;
pub(crate) use problem::{Problem, Retry};
pub(crate) use refusal::{Refusal, sentence};
