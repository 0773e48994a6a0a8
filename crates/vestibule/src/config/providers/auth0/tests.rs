use vestibule_upstream_oidc::{ClientAuth, SecretMethod};

use super::super::tests::{nothing, read};
use super::super::{ProviderConfig, ProviderKind};
use crate::service::registry;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----\n";

const ALL: &str = r#"
[providers.corp]
kind = "auth0"
domain = "https://example.eu.auth0.com/"
client_id = "an id"
client_secret = "a secret"
"#;

fn auth0(provider: &ProviderConfig) -> &vestibule_provider_auth0::Auth0Settings {
    match &provider.kind {
        ProviderKind::Auth0(settings) => settings,
        other => panic!("another kind: {other:?}"),
    }
}

#[test]
fn a_domain_an_id_and_a_secret_are_enough() {
    let (provider, filled) = read(ALL, &nothing).unwrap();
    assert_eq!(provider.name, "Auth0");
    assert!(filled.is_empty(), "{filled:?}");
    let settings = auth0(&provider);
    assert_eq!(settings.domain.as_str(), "https://example.eu.auth0.com");
    assert!(matches!(
        settings.client_auth,
        ClientAuth::Secret {
            method: Some(SecretMethod::Post),
            ..
        }
    ));
    registry::build(&provider).unwrap();
}

#[test]
fn the_variables_of_auth0_fill_what_is_missing() {
    let env = |name: &str| {
        let value = match name {
            "ISSUER_BASE_URL" => "https://example.eu.auth0.com",
            "AUTH0_CLIENT_ID" => "an id",
            "AUTH0_CLIENT_SECRET" => "hush",
            "AUTH0_AUDIENCE" => "https://api.example.com",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let (provider, filled) = read("[providers.corp]\nkind = \"auth0\"\n", &env).unwrap();
    assert_eq!(auth0(&provider).domain.as_str(), "https://example.eu.auth0.com");
    assert_eq!(filled.len(), 4, "{filled:?}");
    assert!(
        filled[0].starts_with("providers.corp.domain is filled by"),
        "{filled:?}"
    );
    assert!(!filled.concat().contains("hush"), "{filled:?}");
}

#[test]
fn a_private_key_takes_the_place_of_a_secret_and_keeps_the_environment_s_out() {
    let text = ALL.replace(
        "client_secret = \"a secret\"",
        &format!("private_key = \"\"\"{KEY}\"\"\""),
    );
    let env = |name: &str| (name == "AUTH0_CLIENT_SECRET").then(|| "hush".to_owned());
    let (provider, filled) = read(&text, &env).unwrap();
    assert!(matches!(
        auth0(&provider).client_auth,
        ClientAuth::PrivateKeyJwt { .. }
    ));
    assert!(filled.is_empty(), "{filled:?}");
    let from_env = |name: &str| (name == "AUTH0_CLIENT_ASSERTION_SIGNING_KEY").then(|| KEY.to_owned());
    let (provider, filled) = read(&ALL.replace("client_secret = \"a secret\"", ""), &from_env).unwrap();
    assert!(matches!(
        auth0(&provider).client_auth,
        ClientAuth::PrivateKeyJwt { .. }
    ));
    assert!(!filled.concat().contains("BEGIN"), "{filled:?}");
}

#[test]
fn what_contradicts_itself_is_refused_and_says_what_to_change() {
    for (from, to, mistake) in [
        (
            "https://example.eu.auth0.com/",
            "example",
            "providers.corp.domain: \"example\" is not the whole name",
        ),
        (
            "https://example.eu.auth0.com/",
            "https://example.com/login",
            "without a path",
        ),
        (
            "client_secret = \"a secret\"",
            "",
            "providers.corp.client_secret: is missing",
        ),
        (
            "client_secret",
            "private_key = \"x\"\nclient_secret",
            "keep one of the two",
        ),
        (
            "client_secret = \"a secret\"",
            "private_key = \"x\"",
            "is not a private key",
        ),
        ("client_id = \"an id\"", "", "AUTH0_CLIENT_ID"),
        (
            "kind",
            "token_auth_method = \"basic\"\nkind",
            "client_secret_basic",
        ),
        ("kind", "read_access_token_claims = true\nkind", "needs audience"),
        (
            "kind",
            "organisation = \"org_1\"\nkind",
            "did you mean `organization`?",
        ),
        (
            "kind",
            "roles_claim = \"a..b\"\nkind",
            "is not the place of a claim",
        ),
    ] {
        let text = ALL.replace(from, to);
        assert_ne!(text, ALL, "{from}");
        let said = read(&text, &nothing)
            .err()
            .unwrap_or_else(|| panic!("{to} was taken"));
        assert!(said.contains(mistake), "{to}: {said}");
        assert!(!said.contains("a secret"), "{said}");
    }
}
