//! Which client metadata is valid.

use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    ApplicationType, AuthMethod, ClientMetadata, GrantType, OAuthErrorCode, RedirectPolicy, RedirectUriError,
    RegistrationError, ValidMetadata,
};

pub(crate) fn register(body: &Value) -> Result<ValidMetadata, RegistrationError> {
    ClientMetadata::parse(body.to_string().as_bytes())?.validate(RedirectPolicy::default())
}

pub(crate) fn with(field: &str, value: &Value) -> Value {
    let mut body = json!({ "redirect_uris": ["https://app.example/cb"] });
    body[field] = value.clone();
    body
}

pub(crate) fn accepted(field: &str, value: &Value) -> ValidMetadata {
    register(&with(field, value)).unwrap_or_else(|error| panic!("{field}={value}: {error}"))
}

#[rstest]
#[case("")]
#[case("[]")]
#[case("null")]
#[case("\"https://app.example/cb\"")]
#[case("redirect_uris=https://app.example/cb")]
#[case("{\"redirect_uris\": \"https://app.example/cb\"}")]
#[case("{\"redirect_uris\": [1]}")]
#[case("{\"redirect_uris\": [[\"https://app.example/cb\"]]}")]
#[case("{\"redirect_uris\": [\"https://a.example/\"], \"redirect_uris\": [\"https://evil.example/\"]}")]
#[case("{\"redirect_uris\": [\"https://a.example/\"]} {}")]
fn a_body_that_is_no_metadata_is_invalid_client_metadata(#[case] body: &str) {
    let error = ClientMetadata::parse(body.as_bytes()).expect_err(body);
    assert_eq!(error.code(), OAuthErrorCode::InvalidClientMetadata);
}

#[test]
fn a_body_nested_too_deep_is_not_followed() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let ignored = format!("{{\"unheard_of\": {deep}}}");
    assert!(ClientMetadata::parse(ignored.as_bytes()).is_ok());
    let read = format!("{{\"client_name\": {deep}}}");
    assert!(ClientMetadata::parse(read.as_bytes()).is_err());
}

/// > Clients using flows with redirection MUST register their redirection URI values (RFC 7591 §2)
#[rstest]
#[case(json!({}))]
#[case(json!({ "redirect_uris": null }))]
#[case(json!({ "redirect_uris": [] }))]
fn a_client_without_a_redirect_uri_is_refused(#[case] body: Value) {
    let error = register(&body).unwrap_err();
    assert_eq!(error, RegistrationError::NoRedirectUri);
    assert_eq!(error.code(), OAuthErrorCode::InvalidRedirectUri);
}

#[test]
fn more_than_32_redirect_uris_are_refused() {
    let uris = |count| {
        (0..count)
            .map(|n| format!("https://app.example/{n}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        register(&json!({ "redirect_uris": uris(32) }))
            .unwrap()
            .redirect_uris
            .len(),
        32
    );
    assert_eq!(
        register(&json!({ "redirect_uris": uris(33) })),
        Err(RegistrationError::TooManyRedirectUris)
    );
}

#[test]
fn one_bad_redirect_uri_among_good_ones_is_named_and_refuses_them_all() {
    let body = json!({ "redirect_uris": ["https://app.example/cb", "javascript:alert(1)"] });
    let error = register(&body).unwrap_err();
    assert_eq!(
        error,
        RegistrationError::RedirectUri {
            index: 1,
            cause: RedirectUriError::DangerousScheme("javascript".to_owned()),
        }
    );
    assert_eq!(error.code(), OAuthErrorCode::InvalidRedirectUri);
    assert_eq!(
        error.to_string(),
        "redirect_uris[1] has the scheme javascript, which is never a redirect target"
    );
}

#[test]
fn plain_http_to_another_machine_needs_the_operators_word() {
    let body = json!({ "redirect_uris": ["http://app.example/cb"] });
    let error = register(&body).unwrap_err();
    assert!(matches!(
        error,
        RegistrationError::RedirectUri {
            index: 0,
            cause: RedirectUriError::PlainHttp
        }
    ));
    let open = RedirectPolicy {
        allow_plain_http: true,
    };
    let read = ClientMetadata::parse(body.to_string().as_bytes()).unwrap();
    assert!(read.validate(open).is_ok());
}

#[rstest]
#[case(json!("client_secret_jwt"))]
#[case(json!("tls_client_auth"))]
#[case(json!("None"))]
#[case(json!(""))]
fn an_authentication_method_that_is_not_served_is_refused(#[case] method: Value) {
    let error = register(&with("token_endpoint_auth_method", &method)).unwrap_err();
    assert_eq!(error, RegistrationError::AuthMethod);
    assert_eq!(error.code(), OAuthErrorCode::InvalidClientMetadata);
}

#[rstest]
#[case(json!(["refresh_token"]))]
#[case(json!(["implicit", "password"]))]
#[case(json!(["urn:ietf:params:oauth:grant-type:token-exchange"]))]
fn grants_with_which_no_such_client_begins_are_refused(#[case] grants: Value) {
    let error = register(&with("grant_types", &grants)).unwrap_err();
    assert_eq!(error, RegistrationError::GrantTypes);
}

/// > Clients using flows with redirection MUST register their redirection URI values (RFC 7591 §2)
#[rstest]
#[case(json!(["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]), "none")]
#[case(json!(["client_credentials"]), "client_secret_basic")]
fn a_client_that_is_not_redirected_to_needs_no_redirect_uri(#[case] grants: Value, #[case] method: &str) {
    let body = json!({ "grant_types": grants, "token_endpoint_auth_method": method });
    let metadata = register(&body).unwrap();
    assert!(metadata.redirect_uris.is_empty() && metadata.response_types.is_empty());
    assert_eq!(metadata.application_type, ApplicationType::Native);
    assert_eq!(json!(metadata.grant_types), grants);
    let with_code =
        json!({ "grant_types": ["authorization_code", grants[0]], "token_endpoint_auth_method": method });
    assert_eq!(register(&with_code), Err(RegistrationError::NoRedirectUri));
    let bad = json!({ "grant_types": grants, "token_endpoint_auth_method": method, "redirect_uris": ["javascript:x"] });
    assert!(matches!(
        register(&bad),
        Err(RegistrationError::RedirectUri { .. })
    ));
}

/// > The client credentials grant type MUST only be used by confidential clients. (RFC 6749 §4.4)
#[test]
fn a_public_client_is_not_registered_for_client_credentials() {
    let body = |grants: &[&str]| json!({ "grant_types": grants, "token_endpoint_auth_method": "none", "redirect_uris": ["https://app.example/cb"] });
    assert_eq!(
        register(&body(&["client_credentials"])),
        Err(RegistrationError::GrantTypes)
    );
    let kept = register(&body(&["client_credentials", "authorization_code"])).unwrap();
    assert_eq!(kept.grant_types, [GrantType::AuthorizationCode]);
}

#[rstest]
#[case(json!(["token"]))]
#[case(json!(["code id_token", "id_token"]))]
fn response_types_without_code_are_refused(#[case] types: Value) {
    assert_eq!(
        register(&with("response_types", &types)),
        Err(RegistrationError::ResponseTypes)
    );
}

/// > If unspecified or omitted, the default is "client_secret_basic" (RFC 7591 §2)
#[rstest]
#[case(Value::Null, AuthMethod::ClientSecretBasic)]
#[case(json!("client_secret_basic"), AuthMethod::ClientSecretBasic)]
#[case(json!("client_secret_post"), AuthMethod::ClientSecretPost)]
#[case(json!("none"), AuthMethod::None)]
fn the_authentication_method_is_kept_or_is_client_secret_basic(
    #[case] method: Value,
    #[case] kept: AuthMethod,
) {
    let metadata = accepted("token_endpoint_auth_method", &method);
    assert_eq!(metadata.token_endpoint_auth_method, kept);
    assert_eq!(metadata.is_public(), kept == AuthMethod::None);
}

/// > If omitted, the default behavior is that the client will use only the "authorization_code" Grant Type. (RFC 7591 §2)
#[rstest]
#[case(Value::Null, &[GrantType::AuthorizationCode])]
#[case(json!([]), &[GrantType::AuthorizationCode])]
#[case(json!(["refresh_token", "authorization_code"]), &[GrantType::AuthorizationCode, GrantType::RefreshToken])]
#[case(
    json!(["authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "implicit", "urn:unheard-of"]),
    &[GrantType::AuthorizationCode, GrantType::DeviceCode]
)]
fn grants_that_are_not_served_are_left_out(#[case] grants: Value, #[case] kept: &[GrantType]) {
    assert_eq!(accepted("grant_types", &grants).grant_types, kept);
}

#[rstest]
#[case(Value::Null)]
#[case(json!([]))]
#[case(json!(["code"]))]
#[case(json!(["token", "code"]))]
fn the_response_type_is_always_code(#[case] types: Value) {
    assert_eq!(accepted("response_types", &types).response_types, ["code"]);
}

/// > The authorization server MUST ignore any client metadata sent by the client that it does not understand
/// > (RFC 7591 §2)
#[test]
fn metadata_that_are_not_understood_are_ignored() {
    let body = json!({
        "redirect_uris": ["https://app.example/cb"],
        "client_id": "chosen-by-the-client",
        "client_secret": "chosen-by-the-client",
        "registration_access_token": "chosen-by-the-client",
        "unheard_of": { "deep": [1, 2, { "x": null }] },
        "client_name#de": "Ein Klient",
        "contacts": "not even a list",
        "jwks": 7,
    });
    let text = serde_json::to_string(&register(&body).unwrap()).unwrap();
    assert!(!text.contains("chosen-by-the-client"), "{text}");
    assert!(!text.contains("unheard_of"), "{text}");
}

#[rstest]
#[case(json!(7))]
#[case(json!(["a"]))]
#[case(json!(""))]
#[case(json!("   \n\t "))]
#[case(json!("\u{200b}\u{2060}\u{3164}\u{2800}"))]
fn a_name_that_nobody_could_read_is_dropped(#[case] name: Value) {
    assert_eq!(accepted("client_name", &name).client_name, None);
}

#[rstest]
#[case("  Claude\n  Code  ", "Claude Code")]
#[case("Good\u{202e}evoG\u{202c} App", "GoodevoG App")]
#[case("Visual\u{a0}\u{2028}Studio\u{85}Code", "Visual Studio Code")]
#[case("Cla\u{200b}ude\u{feff}\u{e0041}", "Claude")]
#[case("A\0B\u{1b}[31m", "A B [31m")]
#[case("A “sample” 🔐 アプリ", "A “sample” 🔐 アプリ")]
#[case("<script>alert(1)</script>", "<script>alert(1)</script>")]
fn a_name_is_one_line_without_what_cannot_be_seen(#[case] sent: &str, #[case] kept: &str) {
    assert_eq!(
        accepted("client_name", &json!(sent)).client_name.as_deref(),
        Some(kept)
    );
}

#[test]
fn a_long_name_is_cut_after_200_characters() {
    let name = accepted("client_name", &json!("ü".repeat(5000)))
        .client_name
        .unwrap();
    assert_eq!(name.chars().count(), 200);
}

#[rstest]
#[case(json!("http://app.example/"))]
#[case(json!("javascript:alert(1)"))]
#[case(json!("data:text/html,x"))]
#[case(json!("app.example"))]
#[case(json!("https:app.example"))]
#[case(json!("https:///app.example"))]
#[case(json!("https://good.example@evil.example/"))]
#[case(json!("https://@evil.example/"))]
#[case(json!("https://good.example\\@evil.example/"))]
#[case(json!(" https://app.example/"))]
#[case(json!("https://app.example/\n"))]
#[case(json!("https://app.\texample/"))]
#[case(json!("https://аpp.example/"))]
#[case(json!(["https://app.example/"]))]
#[case(json!(format!("https://app.example/{}", "a".repeat(2048))))]
fn a_bad_page_address_is_dropped_and_refuses_nothing(#[case] address: Value) {
    for field in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
        let metadata = accepted(field, &address);
        let kept = [
            &metadata.client_uri,
            &metadata.logo_uri,
            &metadata.tos_uri,
            &metadata.policy_uri,
        ];
        assert!(kept.iter().all(|address| address.is_none()), "{field}={address}");
    }
}

#[test]
fn good_page_addresses_are_kept_as_they_were_written() {
    let address = "https://APP.example/about?x=y#team";
    assert_eq!(
        accepted("client_uri", &json!(address)).client_uri.as_deref(),
        Some(address)
    );
    assert_eq!(
        accepted("logo_uri", &json!(address)).logo_uri.as_deref(),
        Some(address)
    );
    assert_eq!(
        accepted("tos_uri", &json!(address)).tos_uri.as_deref(),
        Some(address)
    );
    assert_eq!(
        accepted("policy_uri", &json!(address)).policy_uri.as_deref(),
        Some(address)
    );
}

#[rstest]
#[case(json!("mcp:read mcp:write"), Some("mcp:read mcp:write"))]
#[case(json!(""), None)]
#[case(json!("bad\"scope"), None)]
#[case(json!(["mcp:read"]), None)]
fn a_scope_that_is_none_is_dropped(#[case] scope: Value, #[case] kept: Option<&str>) {
    let scope = accepted("scope", &scope).scope.map(|scope| scope.to_string());
    assert_eq!(scope.as_deref(), kept);
}

#[rstest]
#[case(Value::Null, &["https://app.example/cb"], ApplicationType::Web)]
#[case(Value::Null, &["https://app.example/cb", "http://127.0.0.1/"], ApplicationType::Native)]
#[case(Value::Null, &["http://localhost/cb"], ApplicationType::Native)]
#[case(Value::Null, &["cursor://a/cb"], ApplicationType::Native)]
#[case(Value::Null, &["urn:ietf:wg:oauth:2.0:oob"], ApplicationType::Native)]
#[case(json!("web"), &["https://app.example/cb", "cursor://a/cb"], ApplicationType::Native)]
#[case(json!("web"), &["https://app.example/cb", "http://localhost/cb"], ApplicationType::Web)]
#[case(json!("native"), &["https://app.example/cb"], ApplicationType::Native)]
#[case(json!("spaceship"), &["https://app.example/cb"], ApplicationType::Web)]
#[case(json!(7), &["http://127.0.0.1/"], ApplicationType::Native)]
fn the_application_type_is_judged_from_the_redirect_uris(
    #[case] declared: Value,
    #[case] uris: &[&str],
    #[case] judged: ApplicationType,
) {
    let body = json!({ "redirect_uris": uris, "application_type": declared });
    assert_eq!(register(&body).unwrap().application_type, judged);
}

#[test]
fn a_redirect_uri_that_stands_twice_is_kept_once() {
    let body = json!({ "redirect_uris": ["https://app.example/cb", "https://app.example/cb"] });
    assert_eq!(register(&body).unwrap().redirect_uris.len(), 1);
}
