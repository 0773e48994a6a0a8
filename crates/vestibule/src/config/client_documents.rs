//! `[client_documents]`: clients that are known by the document at their address.

use vestibule_broker::settings::ClientDocumentSettings;
use vestibule_protocol::DocumentHosts;

use super::section::Section;

pub(super) fn read(section: Section<'_>) -> ClientDocumentSettings {
    let usual = ClientDocumentSettings::default();
    let (shortest, longest) = usual.fresh;
    let settings = ClientDocumentSettings {
        enabled: section.flag("enabled").unwrap_or(usual.enabled),
        allow: section.parsed_list("allow").unwrap_or_default(),
        block: section.parsed_list("block").unwrap_or_default(),
        require_approval: section.flag("require_approval").unwrap_or(usual.require_approval),
        hosts: match section.flag("allow_loopback") {
            Some(true) => DocumentHosts::AlsoThisMachine,
            Some(false) | None => DocumentHosts::Named,
        },
        fresh: (
            section.duration("read_again_after_at_least").unwrap_or(shortest),
            section.duration("read_again_after_at_most").unwrap_or(longest),
        ),
    };
    if settings.fresh.0 > settings.fresh.1 {
        section.note(
            "read_again_after_at_least",
            "is longer than read_again_after_at_most; make it shorter",
        );
    }
    section.finish();
    settings
}
