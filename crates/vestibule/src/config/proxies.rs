//! `[proxies]`: whose word counts about where a request comes from.

use vestibule_http::{ForwardingHeader, TrustedProxies};

use super::networks::networks;
use super::section::Section;

pub(super) fn read(section: Section<'_>) -> TrustedProxies {
    let trusted = networks(&section, "trusted").unwrap_or_default();
    for everybody in trusted.iter().filter(|network| network.prefix_len() == 0) {
        section.note(
            "trusted",
            format!("\"{everybody}\" trusts everybody, so that whoever asks says who they are; name your own proxies"),
        );
    }
    let header = section.text("header").and_then(|name| {
        let known = header(name);
        if known.is_none() {
            section.note(
                "header",
                format!("\"{name}\" is not known; write \"x-forwarded-for\" or \"forwarded\", whichever your proxies set"),
            );
        }
        known
    });
    if section.has("header") && trusted.is_empty() && !section.has("trusted") {
        section.note(
            "header",
            "is given, but no proxy is trusted to set it; write trusted = [\"…\"] or leave it out",
        );
    }
    if !trusted.is_empty() && !section.has("header") {
        section.note(
            "trusted",
            "is given, but not the header in which they name the client; write header = \"x-forwarded-for\" or \
             header = \"forwarded\"",
        );
    }
    section.finish();
    match header {
        Some(header) => TrustedProxies::new(trusted, header),
        None => TrustedProxies::default(),
    }
}

fn header(name: &str) -> Option<ForwardingHeader> {
    [ForwardingHeader::XForwardedFor, ForwardingHeader::Forwarded]
        .into_iter()
        .find(|header| header.name().as_str().eq_ignore_ascii_case(name))
}
