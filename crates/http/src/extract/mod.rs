//! Extractors: from a request to what a use case takes.

mod authorization;
mod bearer;
mod body;
mod call;
mod media_type;
mod visit;

pub(crate) use bearer::Bearer;
pub(crate) use call::{Call, Document};
pub(crate) use visit::{Submission, Visit, Visitor};
