//! `[audit]`: where security events go.

use vestibule_telemetry::{AuditSink, Export, Signal};

use super::secret::Outside;
use super::section::Section;

pub(super) fn read(section: Section<'_>, export: Option<&Export>, outside: &Outside<'_>) -> Vec<AuditSink> {
    let file = section.text("file").map(|path| outside.folder.join(path));
    let places = section.texts("to").unwrap_or_else(|| vec!["log"]);
    if file.is_some() && !places.contains(&"file") {
        section.note(
            "file",
            "is given, but \"file\" does not stand in `to`; add it there, or remove the file",
        );
    }
    let place = |name: &&str| match *name {
        "log" => Some(AuditSink::Log),
        "stdout" => Some(AuditSink::Stdout),
        "file" => {
            if file.is_none() {
                section.note(
                    "file",
                    "is missing; write file = \"/var/log/vestibule/audit.jsonl\"",
                );
            }
            file.clone().map(AuditSink::File)
        }
        "otlp" => {
            if !export.is_some_and(|export| export.signals.contains(&Signal::Logs)) {
                section.note(
                    "to",
                    "names \"otlp\", but no collector is sent logs; set [telemetry] otlp_endpoint, and \"logs\" among its \
                     otlp_signals",
                );
            }
            Some(AuditSink::Otlp)
        }
        other => {
            section.note(
                "to",
                format!("\"{other}\" is no place for security events; write \"log\", \"stdout\", \"file\" or \"otlp\""),
            );
            None
        }
    };
    let sinks = places.iter().filter_map(place).collect();
    section.finish();
    sinks
}
