//! Client ids that are addresses, and the documents behind them.

use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    AuthMethod, ClientDocumentError, ClientDocumentUrl, ClientDocumentUrlError, ClientId, DocumentHosts,
    GrantType, RedirectPolicy, RegistrationError, ValidMetadata, validate_client_document,
};

const APP: &str = "https://app.example/client.json";

fn parse(text: &str, hosts: DocumentHosts) -> Result<ClientDocumentUrl, ClientDocumentUrlError> {
    ClientDocumentUrl::parse(&ClientId::parse(text).unwrap(), hosts)
}

fn refused(text: &str) -> ClientDocumentUrlError {
    parse(text, DocumentHosts::Named).expect_err(text)
}

#[rstest]
#[case("http://app.example/client.json")]
#[case("ftp://app.example/client.json")]
#[case("http://localhost/client.json")]
fn an_address_that_is_not_https_names_no_client(#[case] text: &str) {
    assert_eq!(refused(text), ClientDocumentUrlError::NotHttps);
}

#[rstest]
#[case("https://u@app.example/c", ClientDocumentUrlError::User)]
#[case("https://u:p@app.example/c", ClientDocumentUrlError::User)]
#[case("https://app.example@evil.example/c", ClientDocumentUrlError::User)]
#[case("https://app.example/c#f", ClientDocumentUrlError::Fragment)]
#[case("https://app.example/c#", ClientDocumentUrlError::Fragment)]
#[case("https://app.example/c?x=1", ClientDocumentUrlError::Query)]
#[case("https://app.example/c?", ClientDocumentUrlError::Query)]
#[case("https://app.example", ClientDocumentUrlError::NoPath)]
#[case("https://app.example:8443", ClientDocumentUrlError::NoPath)]
#[case("https:app.example/c", ClientDocumentUrlError::NotAUrl)]
#[case("https:///app.example/c", ClientDocumentUrlError::NotAUrl)]
#[case("https://", ClientDocumentUrlError::NotAUrl)]
fn an_address_has_no_part_too_many_and_none_too_few(
    #[case] text: &str,
    #[case] error: ClientDocumentUrlError,
) {
    assert_eq!(refused(text), error, "{text}");
}

#[rstest]
#[case("https://app.example/a/../c")]
#[case("https://app.example/./c")]
#[case("https://app.example/a/..")]
#[case("https://app.example/%2e%2e/c")]
#[case("https://app.example/a/%2E/c")]
#[case("HTTPS://app.example/c")]
#[case("https://APP.example/c")]
#[case("https://app.example:443/c")]
#[case("https://app.example:0443/c")]
#[case("https://app.example/a\\b")]
#[case("https://%61pp.example/c")]
fn another_spelling_of_an_address_is_no_other_client(#[case] text: &str) {
    let error = refused(text);
    assert!(
        matches!(error, ClientDocumentUrlError::NotNormal(_)),
        "{text}: {error:?}"
    );
}

#[rstest]
#[case("https://app.example/a%2e%2eb")]
#[case("https://app.example/a%2Fb")]
#[case("https://app.example/a%5cb")]
fn a_path_hides_no_segments(#[case] text: &str) {
    assert_eq!(refused(text), ClientDocumentUrlError::Encoded, "{text}");
}

#[rstest]
#[case("https://127.0.0.1/c")]
#[case("https://8.8.8.8/c")]
#[case("https://[::1]/c")]
#[case("https://localhost/c")]
#[case("https://intranet/c")]
#[case("https://app.example./c")]
#[case("https://app,evil.example/c")]
#[case("https://app_.example/c")]
fn a_host_that_is_no_name_in_the_dns_names_no_client(#[case] text: &str) {
    assert_eq!(refused(text), ClientDocumentUrlError::Host, "{text}");
}

#[test]
fn a_homograph_is_shown_as_what_it_is() {
    // The first letter is Cyrillic; visible ASCII is all that a client id can have.
    let latin = parse("https://xn--pple-43d.com/c", DocumentHosts::Named).unwrap();
    assert_eq!(latin.host(), "xn--pple-43d.com");
    assert!(ClientId::parse("https://\u{430}pple.com/c").is_err());
}

#[rstest]
#[case(APP)]
#[case("https://app.example/")]
#[case("https://app.example/c/")]
#[case("https://app.example/of/app.example")]
#[case("https://app.example:8443/a/b;c=1/client%20a.json")]
#[case("https://a.b-c.xn--p1ai/oauth/client-metadata.json")]
fn an_address_is_kept_byte_for_byte(#[case] text: &str) {
    let url = parse(text, DocumentHosts::Named).expect(text);
    assert_eq!((url.id().as_str(), url.url().as_str()), (text, text));
}

#[test]
fn this_machine_is_an_address_where_it_is_allowed_alone() {
    for text in [
        "http://localhost:8080/c",
        "http://127.0.0.1:8080/c",
        "https://[::1]:8080/c",
        "https://localhost/c",
    ] {
        parse(text, DocumentHosts::AlsoThisMachine).expect(text);
        refused(text);
    }
    for text in ["http://app.example/c", "http://10.0.0.1/c", "https://10.0.0.1/c"] {
        parse(text, DocumentHosts::AlsoThisMachine).expect_err(text);
    }
}

#[test]
fn only_what_has_a_scheme_is_meant_as_an_address() {
    for (id, meant) in [
        (APP, true),
        ("HTTPS://x", true),
        ("my-client", false),
        ("a:b", false),
    ] {
        assert_eq!(
            ClientDocumentUrl::is_meant_by(&ClientId::parse(id).unwrap()),
            meant,
            "{id}"
        );
    }
}

fn document(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = json!({
        "client_id": APP,
        "client_name": "App",
        "redirect_uris": ["https://app.example/callback", "http://localhost/callback"],
    });
    change(&mut document);
    document
}

fn judge(document: &Value) -> Result<ValidMetadata, ClientDocumentError> {
    judge_served(Some("application/json"), document.to_string().as_bytes())
}

fn judge_served(media_type: Option<&str>, body: &[u8]) -> Result<ValidMetadata, ClientDocumentError> {
    let url = parse(APP, DocumentHosts::Named).unwrap();
    validate_client_document(&url, media_type, body, RedirectPolicy::default())
}

fn with(field: &str, value: Value) -> Result<ValidMetadata, ClientDocumentError> {
    judge(&document(|document| document[field] = value))
}

#[rstest]
#[case(json!("https://app.example/client.jso"))]
#[case(json!("https://app.example/client.json/"))]
#[case(json!("https://APP.example/client.json"))]
#[case(json!("https://app.example:443/client.json"))]
#[case(json!("https://app.example/%63lient.json"))]
#[case(json!("https://evil.example/client.json"))]
#[case(json!(null))]
fn a_document_names_its_own_address_byte_for_byte(#[case] id: Value) {
    assert_eq!(with("client_id", id), Err(ClientDocumentError::ClientId));
}

#[rstest]
#[case("client_secret", json!("x"))]
#[case("client_secret_expires_at", json!(0))]
fn a_document_has_no_secret(#[case] field: &str, #[case] value: Value) {
    assert_eq!(with(field, value), Err(ClientDocumentError::Secret));
}

#[rstest]
#[case("client_secret_basic")]
#[case("client_secret_post")]
#[case("client_secret_jwt")]
#[case("tls_client_auth")]
fn a_document_names_no_method_with_a_shared_secret(#[case] method: &str) {
    let refused = with("token_endpoint_auth_method", json!(method));
    assert_eq!(refused, Err(RegistrationError::SharedSecret.into()));
}

#[rstest]
#[case(json!({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}))]
#[case(json!({"kty": "RSA", "n": "AA", "e": "AQAB", "p": "AA"}))]
#[case(json!({"kty": "oct", "k": "AA"}))]
#[case(json!({"kty": "oct"}))]
fn a_document_has_no_private_key_whatever_it_is_for(#[case] key: Value) {
    for method in ["none", "private_key_jwt"] {
        let refused = judge(&document(|document| {
            document["token_endpoint_auth_method"] = json!(method);
            document["jwks"] = json!({"keys": [key]});
        }));
        assert_eq!(refused, Err(RegistrationError::PrivateKey.into()));
    }
}

#[rstest]
#[case(json!([]))]
#[case(json!({}))]
#[case(json!({"keys": []}))]
#[case(json!({"keys": ["x"]}))]
#[case(json!({"keys": vec![json!({"kty": "EC"}); 17]}))]
fn keys_that_cannot_be_read_are_refused(#[case] jwks: Value) {
    assert_eq!(with("jwks", jwks), Err(RegistrationError::Jwks.into()));
}

#[rstest]
#[case(json!("http://app.example/jwks.json"))]
#[case(json!("https://u@app.example/jwks.json"))]
#[case(json!("https://app.example/jwks.json#x"))]
#[case(json!("file:///etc/passwd"))]
#[case(json!(7))]
fn keys_are_read_over_tls_only(#[case] place: Value) {
    assert_eq!(with("jwks_uri", place), Err(RegistrationError::JwksUri.into()));
}

#[test]
fn a_client_with_a_key_names_it_in_one_way() {
    let keyed = |keys: &[&str]| {
        judge(&document(|document| {
            document["token_endpoint_auth_method"] = json!("private_key_jwt");
            if keys.contains(&"jwks") {
                document["jwks"] = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]});
            }
            if keys.contains(&"jwks_uri") {
                document["jwks_uri"] = json!("https://app.example/jwks.json");
            }
        }))
    };
    assert_eq!(keyed(&[]), Err(RegistrationError::NoKeys.into()));
    assert_eq!(
        keyed(&["jwks", "jwks_uri"]),
        Err(RegistrationError::TwoKeySets.into())
    );
    for keys in [["jwks"], ["jwks_uri"]] {
        let metadata = keyed(&keys).unwrap();
        assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::PrivateKeyJwt);
        assert_eq!(metadata.jwks.is_some(), keys == ["jwks"]);
    }
}

#[rstest]
#[case(None)]
#[case(Some("text/html"))]
#[case(Some("text/plain"))]
#[case(Some("application/jsonp"))]
#[case(Some("application/+json"))]
#[case(Some("text/json"))]
fn a_document_that_is_served_as_something_else_is_refused(#[case] media_type: Option<&str>) {
    let body = document(|_| ()).to_string();
    let refused = judge_served(media_type, body.as_bytes());
    assert!(
        matches!(refused, Err(ClientDocumentError::MediaType(_))),
        "{media_type:?}"
    );
}

#[rstest]
#[case("application/json")]
#[case("Application/JSON; charset=utf-8")]
#[case("application/oauth-client-metadata+json")]
fn a_document_is_served_as_json(#[case] media_type: &str) {
    let body = document(|_| ()).to_string();
    judge_served(Some(media_type), body.as_bytes()).expect(media_type);
}

#[rstest]
#[case(b"" as &[u8])]
#[case(b"<html>")]
#[case(b"[]")]
#[case(br#"{"client_id": 7}"#)]
#[case(
    br#"{"client_id": "https://app.example/client.json", "client_id": "https://app.example/client.json"}"#
)]
#[case(br#"{"client_id": "https://app.example/client.json", "redirect_uris": "https://app.example/cb"}"#)]
#[case(
    b"{\"client_id\": \"https://app.example/client.json\", \"redirect_uris\": [\"https://app.example/cb\"], \"nobody_reads\": \"\x82\"}"
)]
fn what_is_no_document_is_refused(#[case] body: &[u8]) {
    let refused = judge_served(Some("application/json"), body);
    assert!(
        matches!(refused, Err(ClientDocumentError::NotMetadata(_))),
        "{refused:?}"
    );
}

#[test]
fn a_document_can_say_that_its_client_proves_a_key() {
    for (said, read) in [(json!(true), true), (json!(false), false), (json!("true"), false)] {
        let body = document(|fields| fields["dpop_bound_access_tokens"] = said.clone()).to_string();
        let metadata = judge_served(Some("application/json"), body.as_bytes()).expect("a client");
        assert_eq!(metadata.dpop_bound_access_tokens, read, "{said}");
    }
}

#[test]
fn redirect_uris_are_judged_as_in_a_registration() {
    for uri in [
        "javascript:alert(1)",
        "http://app.example/cb",
        "https://app.example/cb#x",
    ] {
        let refused = with("redirect_uris", json!([uri]));
        assert!(
            matches!(
                refused,
                Err(ClientDocumentError::Metadata(
                    RegistrationError::RedirectUri { .. }
                ))
            ),
            "{uri}"
        );
    }
    assert_eq!(
        with("redirect_uris", json!([])),
        Err(RegistrationError::NoRedirectUri.into())
    );
}

#[test]
fn a_document_that_names_no_method_is_a_public_clients() {
    let metadata = judge(&document(|_| ())).unwrap();
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::None);
    assert_eq!(metadata.grant_types, [GrantType::AuthorizationCode]);
}

/// As real clients serve them.
#[test]
fn the_documents_of_known_clients_are_accepted_as_they_stand() {
    for (id, document, method) in [
        (
            "https://claude.ai/oauth/claude-code-client-metadata",
            json!({
                "client_name": "Claude Code", "client_uri": "https://claude.ai",
                "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
                "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
                "token_endpoint_auth_method": "none"
            }),
            AuthMethod::None,
        ),
        (
            "https://vscode.dev/oauth/client-metadata.json",
            json!({
                "client_name": "Visual Studio Code", "client_uri": "https://vscode.dev/product",
                "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
                "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
                "response_types": ["code"], "token_endpoint_auth_method": "none", "application_type": "native"
            }),
            AuthMethod::None,
        ),
        (
            "https://chatgpt.com/oauth/client.json",
            json!({
                "client_uri": "https://chatgpt.com/", "client_name": "ChatGPT",
                "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
                "token_endpoint_auth_signing_alg": "RS256", "jwks_uri": "https://chatgpt.com/oauth/jwks.json"
            }),
            AuthMethod::PrivateKeyJwt,
        ),
    ] {
        let url = parse(id, DocumentHosts::Named).unwrap();
        let mut document = document;
        document["client_id"] = json!(id);
        let body = document.to_string();
        let media_type = Some("application/json; charset=utf-8");
        let metadata = validate_client_document(&url, media_type, body.as_bytes(), RedirectPolicy::default());
        let metadata = metadata.expect(id);
        assert_eq!(metadata.token_endpoint_auth_method, method, "{id}");
        assert_eq!(
            metadata.redirect_uris.len(),
            document["redirect_uris"].as_array().unwrap().len()
        );
    }
}

#[test]
fn of_the_methods_in_a_list_the_one_with_the_key_is_the_clients() {
    let metadata = judge(&document(|document| {
        document["token_endpoint_auth_methods_supported"] = json!(["none", "private_key_jwt"]);
        document["jwks_uri"] = json!("https://app.example/jwks.json");
    }));
    assert_eq!(
        metadata.unwrap().token_endpoint_auth_method,
        AuthMethod::PrivateKeyJwt
    );
}
