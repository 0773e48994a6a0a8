//! `[dpop]`: how proofs of possession are judged, and who has to send them.

use vestibule_broker::settings::{DpopBinding, DpopSettings, ProofNonces};

use super::section::Section;

pub(super) fn read(section: Section<'_>) -> DpopSettings {
    let usual = DpopSettings::default();
    let settings = DpopSettings {
        nonces: match section.flag("nonces") {
            Some(true) => ProofNonces::Asked,
            Some(false) => ProofNonces::NotAsked,
            None => usual.nonces,
        },
    };
    section.finish();
    settings
}

/// Whether this client's or this MCP server's tokens have to be bound to a key.
pub(super) fn binding(section: &Section<'_>, key: &'static str) -> DpopBinding {
    match section.flag(key) {
        Some(true) => DpopBinding::Required,
        Some(false) | None => DpopBinding::AsProved,
    }
}
