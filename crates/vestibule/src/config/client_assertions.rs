//! `[client_assertions]`: how clients prove themselves with a key.

use std::time::Duration;

use vestibule_broker::settings::ClientAssertionSettings;

use super::section::Section;

/// The longest life that an assertion may be allowed: it is remembered for as long.
const LONGEST: Duration = Duration::from_secs(60 * 60);

pub(super) fn read(section: Section<'_>) -> ClientAssertionSettings {
    let usual = ClientAssertionSettings::default();
    let settings = ClientAssertionSettings {
        longest: section.duration("longest").unwrap_or(usual.longest),
        endpoint_audience_for_hosts: section
            .texts("endpoint_audience_for_hosts")
            .unwrap_or_default()
            .into_iter()
            .map(str::to_ascii_lowercase)
            .collect(),
    };
    if settings.longest > LONGEST {
        section.note(
            "longest",
            "is more than an hour; an assertion is made for one request: 5m will do",
        );
    }
    section.finish();
    settings
}
