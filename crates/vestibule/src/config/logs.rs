//! `[logs]`: what is logged, and how.

use vestibule_telemetry::{LogFormat, LogSettings};

use super::section::Section;

pub(super) fn read(section: Section<'_>) -> LogSettings {
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
    LogSettings { format, filter }
}
