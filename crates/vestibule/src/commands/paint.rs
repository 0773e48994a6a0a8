//! Colours, for people at a terminal.

use std::io::{IsTerminal as _, stdout};

use crate::service::environment;

/// Whether lines have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Colours,
    Plain,
}

impl Paint {
    /// Colours are for people at a terminal who did not ask to go without (`NO_COLOR`).
    pub(super) fn of_standard_output() -> Self {
        let unwanted = environment::variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        if stdout().is_terminal() && !unwanted {
            Self::Colours
        } else {
            Self::Plain
        }
    }

    /// The text in this colour.
    pub(super) fn dye(self, colour: &str, text: &str) -> String {
        match self {
            Self::Colours => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            Self::Plain => text.to_owned(),
        }
    }
}
