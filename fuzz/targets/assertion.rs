//! Assertions and key sets of others: nobody signs for a key that is not theirs, whatever bytes are sent.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use vestibule_jose::foreign::{AssertionClaims, Clocks, Jws, KeySet, Signature, SigningAlgorithm};
use vestibule_protocol::Timestamp;

/// The key of RFC 7515 A.3, whose private half signs nothing here.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"k",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

static OURS: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(KEYS.as_bytes()).expect("a key set"));

fuzz_target!(|input: (&str, &[u8])| {
    let (token, keys) = input;
    let Ok(jws) = Jws::parse(token, &SigningAlgorithm::ASYMMETRIC) else {
        return;
    };
    assert_ne!(OURS.judge(&jws), Signature::Good);
    if let Ok(theirs) = KeySet::parse(keys) {
        let _ = theirs.judge(&jws);
    }
    if let Some(claims) = AssertionClaims::read(&jws) {
        let clocks = Clocks {
            skew: Duration::from_secs(60),
            longest: Duration::from_secs(300),
        };
        let now = Timestamp::from_secs(1_900_000_000);
        if claims.check_times(clocks, now).is_ok() {
            assert!(claims.forgettable_at(clocks) > now);
        }
    }
});
