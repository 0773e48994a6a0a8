//! The choice between identity providers.

use askama::Template;

use super::Frame;

/// The page that asks how the person logs in.
#[derive(Debug, Template)]
#[template(path = "chooser.html")]
pub(crate) struct ChooserPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    /// The code that the asking device shows.
    pub(crate) device: Option<String>,
    pub(crate) providers: Vec<Choice<'a>>,
}

/// One provider to choose.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) initial: String,
}
