//! Extractors: from a request to what a use case takes.

mod authorization;
mod bearer;
mod body;
mod call;
mod dpop;
mod media_type;
mod visit;

pub(crate) use bearer::AccessToken;
pub(crate) use call::{Call, Document};
pub(crate) use dpop::Dpop;
pub(crate) use visit::{Submission, Visit, Visitor};
