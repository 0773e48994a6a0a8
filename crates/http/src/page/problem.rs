//! What went wrong, for a person.

use askama::Template;

use super::Frame;

/// The page of an error.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) code: &'a str,
    pub(crate) title: &'a str,
    pub(crate) what: &'a str,
    pub(crate) remedy: &'a str,
    /// Where to try again.
    pub(crate) again: Option<&'a str>,
    pub(crate) correlation: &'a str,
}
