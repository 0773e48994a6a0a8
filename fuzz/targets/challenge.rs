//! `WWW-Authenticate`: what is written of what was read stays in one line of visible ASCII.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::WwwAuthenticate;

fuzz_target!(|header: &str| {
    if let Some(challenge) = WwwAuthenticate::parse(header) {
        let written = challenge.to_string();
        assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(WwwAuthenticate::parse(&written).is_some());
    }
});
