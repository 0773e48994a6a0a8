//! DPoP proofs: nobody proves a key that they have not, and what is proved is what was asked for.
//!
//! An input is four lines: a proof, a header, an address, and claims.

#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use vestibule_jose::dpop::{Demand, NonceRule, Nonces, TargetUri, Window, only, verify};
use vestibule_protocol::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);
/// The SHA-256 of `token`.
const TOKEN_HASH: &str = "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A";

static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key"));
static HEADER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let x = URL_SAFE_NO_PAD.encode(KEY.public_key());
    let header =
        json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": { "kty": "OKP", "crv": "Ed25519", "x": x } });
    header.to_string().into_bytes()
});
static NONCES: LazyLock<Nonces> = LazyLock::new(|| Nonces::new(&[7; 32]));
static URI: LazyLock<TargetUri> =
    LazyLock::new(|| TargetUri::parse("https://mcp.example/mcp").expect("an address"));

/// Signs what stands there, as it stands.
fn sign(header: &[u8], claims: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn demand(nonce: NonceRule<'_>) -> Demand<'_> {
    Demand {
        method: "POST",
        uri: &URI,
        access_token: Some("token"),
        window: Window::default(),
        nonce,
    }
}

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (proof, header, address, claims) = (line(), line(), line(), line());

    if let Ok(Some(proof)) = only([proof]) {
        let _ = verify(proof, &demand(NonceRule::Ignored), NOW);
    }
    if let Some(uri) = std::str::from_utf8(address).ok().and_then(TargetUri::parse) {
        assert_eq!(TargetUri::parse(uri.as_str()), Some(uri));
    }
    for header in [header, &HEADER] {
        let proof = sign(header, claims);
        let Ok(proven) = verify(&proof, &demand(NonceRule::Ignored), NOW) else {
            continue;
        };
        // A claim that nobody reads may hold what is no text.
        let Ok(said) = serde_json::from_slice::<Value>(claims) else {
            continue;
        };
        assert_eq!(said["htm"], "POST");
        assert_eq!(said["ath"], TOKEN_HASH);
        let htu = said["htu"].as_str().and_then(TargetUri::parse);
        assert_eq!(htu.as_ref(), Some(&*URI));
        assert_eq!(said["jti"], proven.jti.as_str());
        assert!((1..=256).contains(&proven.jti.len()));
        let window = Window::default();
        assert!(NOW < proven.forgettable_at);
        assert!(proven.forgettable_at <= NOW + window.back + window.ahead);
        let asked = verify(&proof, &demand(NonceRule::Asked(&NONCES)), NOW);
        let nonce = said["nonce"].as_str();
        assert_eq!(
            asked.is_ok(),
            nonce.is_some_and(|nonce| NONCES.is_good(nonce, NOW))
        );
    }
});
