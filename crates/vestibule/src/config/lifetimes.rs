//! `[lifetimes]`: how long things live.

use std::time::Duration;

use vestibule_broker::settings::Lifetimes;

use super::section::Section;

pub(super) fn read(section: Section<'_>) -> Lifetimes {
    let mut lifetimes = Lifetimes::default();
    let keys: [(&'static str, &mut Duration); 13] = [
        ("authorization", &mut lifetimes.authorization),
        ("pushed_request", &mut lifetimes.pushed_request),
        ("code", &mut lifetimes.code),
        ("shown_code", &mut lifetimes.shown_code),
        ("access_token", &mut lifetimes.access_token),
        ("id_token", &mut lifetimes.id_token),
        ("session_idle", &mut lifetimes.session_idle),
        ("session_max", &mut lifetimes.session_max),
        ("refresh_grace", &mut lifetimes.refresh_grace),
        ("browser_login", &mut lifetimes.browser_login),
        ("recheck", &mut lifetimes.recheck),
        ("recheck_outage", &mut lifetimes.recheck_outage),
        ("registration", &mut lifetimes.registration),
    ];
    for (key, lifetime) in keys {
        if let Some(given) = section.duration(key) {
            *lifetime = given;
        }
    }
    if lifetimes.session_idle > lifetimes.session_max {
        section.note(
            "session_idle",
            "is longer than session_max, which ends every session; make it shorter",
        );
    }
    if lifetimes.access_token > lifetimes.session_max {
        section.note(
            "access_token",
            "is longer than session_max, which ends every session; make it shorter",
        );
    }
    if lifetimes.code > Duration::from_secs(600) {
        section.note(
            "code",
            "is longer than ten minutes, the most that RFC 6749 §4.1.2 recommends; make it shorter",
        );
    }
    if lifetimes.pushed_request > Duration::from_secs(600) {
        section.note(
            "pushed_request",
            "is longer than ten minutes, the most that RFC 9126 §2.2 has in mind; make it shorter",
        );
    }
    if let Some(given) = section.duration("status_list") {
        lifetimes.status_list = given;
    }
    section.finish();
    lifetimes
}
