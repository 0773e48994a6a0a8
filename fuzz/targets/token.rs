//! Tokens and key sets: nobody forges a token, whatever keys and bytes are sent.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vestibule_jose::{AccessTokenClaims, Expected, Jwks, TokenType, VerifyingKeys, verify};
use vestibule_protocol::{Issuer, Timestamp};

/// The key of RFC 7515 A.3, as one of ours.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"k",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

static OURS: LazyLock<VerifyingKeys> = LazyLock::new(|| {
    let keys = VerifyingKeys::from_jwks(&serde_json::from_str(KEYS).expect("a key set"));
    assert!(!keys.is_empty());
    keys
});
static EXPECTED: LazyLock<Expected> = LazyLock::new(|| {
    Expected::new(
        Issuer::parse("https://auth.example").expect("an issuer"),
        TokenType::AccessToken,
    )
});

fuzz_target!(|input: (&str, &[u8])| {
    let (token, keys) = input;
    let now = Timestamp::from_secs(1_900_000_000);
    assert!(verify::<AccessTokenClaims>(token, &OURS, &EXPECTED, now).is_err());
    if let Ok(theirs) = serde_json::from_slice::<Jwks>(keys) {
        let _ = verify::<AccessTokenClaims>(token, &VerifyingKeys::from_jwks(&theirs), &EXPECTED, now);
    }
});
