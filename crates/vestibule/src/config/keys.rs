//! `[keys]`: how tokens are signed, and for how long with one key.

use std::time::Duration;

use vestibule_broker::settings::Lifetimes;
use vestibule_jose::Algorithm;

use super::section::Section;

pub(super) fn read(section: Section<'_>, mut lifetimes: Lifetimes) -> (Algorithm, Lifetimes) {
    let algorithm = match section.text("algorithm") {
        None | Some("ES256") => Algorithm::Es256,
        Some("EdDSA") => Algorithm::EdDsa,
        Some("RS256") => Algorithm::Rs256,
        Some(other) => {
            section.note(
                "algorithm",
                format!("\"{other}\" is not served; write \"ES256\", \"EdDSA\" or \"RS256\""),
            );
            Algorithm::Es256
        }
    };
    let keys: [(&'static str, &mut Duration); 3] = [
        ("active_for", &mut lifetimes.signing_key),
        ("published_ahead", &mut lifetimes.key_published_ahead),
        ("cache_for", &mut lifetimes.keys_cache),
    ];
    for (key, lifetime) in keys {
        if let Some(given) = section.duration(key) {
            *lifetime = given;
        }
    }
    if lifetimes.key_published_ahead >= lifetimes.signing_key {
        section.note(
            "published_ahead",
            "is not shorter than active_for; a key would be published before its time",
        );
    }
    if lifetimes.keys_cache > lifetimes.key_published_ahead {
        section.note(
            "cache_for",
            "is longer than published_ahead; verifiers could hold a list without the key that signs: make it shorter",
        );
    }
    section.finish();
    (algorithm, lifetimes)
}
