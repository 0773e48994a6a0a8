//! What becomes of valid client metadata: an id, an answer, and what is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    AuthMethod, ClientId, OAuthErrorCode, RegistrationError, RegistrationResponse, ValidMetadata,
};

use crate::registration::{accepted, register, with};

fn fingerprint(body: &Value) -> [u8; 32] {
    register(body).unwrap().fingerprint()
}

#[rstest]
#[case(json!({ "redirect_uris": ["http://127.0.0.1:1/cb", "https://app.example/cb"] }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb", "http://127.0.0.1:2/cb"] }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb", "http://127.0.0.1:9/cb"] }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"], "unheard_of": 7 }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"], "grant_types": ["authorization_code"] }))]
fn neither_order_nor_loopback_ports_nor_defaults_change_the_fingerprint(#[case] body: Value) {
    let same = json!({ "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"] });
    assert_eq!(fingerprint(&body), fingerprint(&same));
}

#[rstest]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "A" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"] }))]
#[case(json!({ "redirect_uris": ["https://app.example:8443/cb"], "client_name": "App" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb", "https://evil.example/cb"], "client_name": "App" }))]
#[case(json!({ "redirect_uris": ["http://127.0.0.1/cb"], "client_name": "App" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App", "scope": "mcp:admin" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App", "token_endpoint_auth_method": "none" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App", "client_uri": "https://evil.example/" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App", "software_version": "2" }))]
#[case(json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App", "application_type": "native" }))]
fn whatever_a_person_or_the_broker_goes_by_changes_the_fingerprint(#[case] body: Value) {
    let app = json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App" });
    assert_ne!(fingerprint(&body), fingerprint(&app));
}

/// The client id of a public client is made of it, so it has to last.
#[test]
fn the_fingerprint_is_the_same_in_every_release() {
    let body = json!({
        "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
        "client_name": "Visual Studio Code",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    assert_eq!(
        URL_SAFE_NO_PAD.encode(fingerprint(&body)),
        "nZLpZ8YG1pKtsDny7T2TfMfaPqMnRFXgMGdFYxjwUiA"
    );
}

#[test]
fn what_is_kept_reads_back_as_it_was() {
    let metadata = register(&json!({
        "redirect_uris": ["https://app.example/cb", "cursor://a/cb", "http://localhost:1/"],
        "client_name": "App",
        "scope": "a b",
        "software_id": "app",
    }))
    .unwrap();
    let text = serde_json::to_string(&metadata).unwrap();
    assert_eq!(serde_json::from_str::<ValidMetadata>(&text).unwrap(), metadata);
}

/// > The server responds with an HTTP 201 Created status code and a body […] the authorization server MUST return all
/// > registered metadata about this client (RFC 7591 §3.2.1)
#[test]
fn the_answer_holds_all_registered_metadata_and_the_secret_with_its_expiry() {
    let metadata = register(&json!({
        "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
        "token_endpoint_auth_method": "client_secret_post",
        "client_name": "Claude",
        "scope": "mcp:read",
    }))
    .unwrap();
    let response = RegistrationResponse {
        client_id: ClientId::parse("abc").unwrap(),
        client_id_issued_at: 1_700_000_000,
        client_secret: Some("s3cret".to_owned()),
        client_secret_expires_at: Some(0),
        registration_access_token: Some("t0ken".to_owned()),
        registration_client_uri: Some("https://as.example/oauth/register/abc".to_owned()),
        metadata,
    };
    assert_eq!(
        serde_json::to_value(&response).unwrap(),
        json!({
            "client_id": "abc",
            "client_id_issued_at": 1_700_000_000,
            "client_secret": "s3cret",
            "client_secret_expires_at": 0,
            "registration_access_token": "t0ken",
            "registration_client_uri": "https://as.example/oauth/register/abc",
            "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "client_name": "Claude",
            "scope": "mcp:read",
            "application_type": "web",
        })
    );
    let printed = format!("{response:?}");
    assert!(
        !printed.contains("s3cret") && !printed.contains("t0ken"),
        "{printed}"
    );
}

/// RP-Initiated Logout §3.1.
#[test]
fn addresses_to_go_to_after_a_logout_are_judged_as_redirect_uris_are() {
    let field = "post_logout_redirect_uris";
    let uris = json!([
        "https://app.example/bye",
        "com.example.app:/bye",
        "https://app.example/bye"
    ]);
    let valid = accepted(field, &uris);
    assert_eq!(valid.post_logout_redirect_uris.len(), 2);
    assert!(accepted(field, &json!([])).post_logout_redirect_uris.is_empty());
    for uri in [
        "javascript:alert(1)",
        "https://app.example/#bye",
        "http://app.example/bye",
        "urn:ietf:wg:oauth:2.0:oob",
        "/bye",
    ] {
        let error = register(&with(field, &json!(["https://app.example/bye", uri]))).expect_err(uri);
        assert!(
            matches!(error, RegistrationError::PostLogoutUri { index: 1, .. }),
            "{uri}: {error}"
        );
        assert_eq!(error.code(), OAuthErrorCode::InvalidClientMetadata);
    }
    let many: Vec<String> = (0..33).map(|n| format!("https://app.example/{n}")).collect();
    assert_eq!(
        register(&with(field, &json!(many))).expect_err("too many"),
        RegistrationError::TooManyPostLogoutUris
    );
}

#[test]
fn a_client_that_registers_no_address_for_a_logout_keeps_its_id() {
    let plain = register(&json!({ "redirect_uris": ["https://app.example/cb"] })).unwrap();
    let empty = accepted("post_logout_redirect_uris", &json!([]));
    let other = accepted("post_logout_redirect_uris", &json!(["https://app.example/bye"]));
    assert_eq!(plain.fingerprint(), empty.fingerprint());
    assert_ne!(plain.fingerprint(), other.fingerprint());
    assert!(!serde_json::to_string(&plain).unwrap().contains("post_logout"));
}

#[test]
fn a_client_that_registers_with_a_key_names_it_in_one_way_and_is_told_so() {
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
    let keyed = |more: Value| {
        let mut body = with("token_endpoint_auth_method", &json!("private_key_jwt"));
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(register(&keyed(json!({}))), Err(RegistrationError::NoKeys));
    let two = json!({"jwks": keys, "jwks_uri": "https://app.example/jwks.json"});
    assert_eq!(register(&keyed(two)), Err(RegistrationError::TwoKeySets));
    let metadata = register(&keyed(json!({"jwks": keys}))).unwrap();
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::PrivateKeyJwt);
    assert!(!metadata.is_public() && !metadata.takes_secret());
    assert_eq!(serde_json::to_value(&metadata).unwrap()["jwks"], keys);
}

/// The keys are part of what makes an id: nobody registers another key under it.
#[test]
fn two_keys_are_two_clients() {
    let of = |x: &str| {
        let mut body = with("token_endpoint_auth_method", &json!("private_key_jwt"));
        body["jwks"] = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]});
        register(&body).unwrap().fingerprint()
    };
    assert_eq!(of("AA"), of("AA"));
    assert_ne!(of("AA"), of("AB"));
}

/// A public client that names keys is the same client as without: its id does not depend on what is not looked at.
#[test]
fn keys_of_a_client_that_does_not_use_them_are_left_out() {
    let mut body = with("token_endpoint_auth_method", &json!("none"));
    let without = register(&body).unwrap();
    body["jwks"] = json!({"keys": [{"kty": "oct", "k": "AA"}]});
    assert_eq!(register(&body).unwrap(), without);
}
