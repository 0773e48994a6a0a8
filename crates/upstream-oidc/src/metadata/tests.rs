use serde_json::json;
use vestibule_provider::ProviderError;

use super::Metadata;
use crate::{ClientAuth, Upstream};

fn upstream() -> Upstream {
    Upstream::new("https://id.example.com/realms/a", "broker", ClientAuth::None)
}

#[test]
fn endpoints_of_an_issuer_with_tls_have_tls_and_may_be_elsewhere() {
    let document = |token_endpoint: &str| {
        json!({
            "issuer": "https://id.example.com/realms/a",
            "authorization_endpoint": "https://login.example.net/authorize",
            "token_endpoint": token_endpoint,
            "jwks_uri": "https://id.example.com/keys",
        })
        .to_string()
    };
    let read = |token_endpoint: &str| Metadata::read(document(token_endpoint).as_bytes(), &upstream());
    assert!(read("https://login.example.net/token").is_ok());
    let plain = read("http://id.example.com/token");
    assert!(matches!(plain, Err(ProviderError::Misconfigured(text)) if text.contains("token_endpoint")));
}

#[test]
fn the_document_stands_below_the_issuer() {
    for (issuer, place) in [
        (
            "https://id.example.com",
            "https://id.example.com/.well-known/openid-configuration",
        ),
        (
            "https://id.example.com/",
            "https://id.example.com/.well-known/openid-configuration",
        ),
        (
            "https://id.example.com/a/",
            "https://id.example.com/a/.well-known/openid-configuration",
        ),
    ] {
        let upstream = Upstream {
            issuer: issuer.to_owned(),
            ..upstream()
        };
        assert_eq!(Metadata::place(&upstream).unwrap().as_str(), place);
    }
}
