//! `[store]`: where records are kept.

use std::path::PathBuf;

use super::secret::Outside;
use super::section::Section;

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// In memory: everything is gone when the broker stops.
    Memory,
    /// In a file on this machine.
    File(PathBuf),
}

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> Option<StoreConfig> {
    let path = section.text("path").map(|path| outside.folder.join(path));
    let kind = section.required_text("kind", "embedded");
    let store = match kind {
        Some("memory") => {
            if path.is_some() {
                section.note(
                    "path",
                    "is given, but kind = \"memory\" keeps nothing; remove one of the two",
                );
            }
            Some(StoreConfig::Memory)
        }
        Some("embedded") => {
            if path.is_none() {
                section.note(
                    "path",
                    "is missing; write path = \"/var/lib/vestibule/vestibule.redb\"",
                );
            }
            path.map(StoreConfig::File)
        }
        Some(other) => {
            section.note(
                "kind",
                format!("\"{other}\" is not a kind of store; write \"embedded\" or \"memory\""),
            );
            None
        }
        None => None,
    };
    section.finish();
    store
}
