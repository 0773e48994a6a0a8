//! `[logs]`: what is logged, and how.

use vestibule_telemetry::LogFormat;

use super::section::Section;

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// For people or for machines.
    pub format: LogFormat,
    /// Which events, in the syntax of `RUST_LOG`.
    pub filter: String,
}

pub(super) fn read(section: Section<'_>) -> Logs {
    let format = match section.text("format") {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(other) => {
            section.note(
                "format",
                format!("\"{other}\" is not a format; write \"text\" or \"json\""),
            );
            LogFormat::Text
        }
    };
    let filter = section.text("filter").unwrap_or("info").to_owned();
    section.finish();
    Logs { format, filter }
}
