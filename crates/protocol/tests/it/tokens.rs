//! Token requests, their answers, introspection and userinfo.

use rstest::rstest;
use serde_json::json;
use vestibule_protocol::{
    ActiveToken, ClientId, GrantType, IntrospectionResponse, Issuer, Params, ProviderId, ResourceUri,
    ScopeSet, SessionId, Subject, TokenRequest, TokenRequestError, TokenResponse, UserInfo,
};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn parse(form: &str) -> Result<TokenRequest, TokenRequestError> {
    TokenRequest::parse(&Params::parse_form(form.as_bytes()).unwrap())
}

fn refusal(form: &str) -> TokenRequestError {
    parse(form).expect_err(form)
}

#[rstest]
#[case("", "grant_type")]
#[case("grant_type=", "grant_type")]
#[case("grant_type=authorization_code", "code")]
#[case("grant_type=authorization_code&code=", "code")]
#[case("grant_type=refresh_token", "refresh_token")]
#[case("grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code")]
#[case(
    "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=a",
    "subject_token_type"
)]
fn a_request_without_a_required_parameter_is_refused(#[case] form: &str, #[case] missing: &'static str) {
    assert_eq!(refusal(form), TokenRequestError::Missing(missing));
}

#[rstest]
#[case(
    "grant_type=refresh_token&grant_type=refresh_token&refresh_token=a",
    "grant_type"
)]
#[case("grant_type=authorization_code&code=a&code=b", "code")]
#[case(
    "grant_type=authorization_code&code=a&redirect_uri=a&redirect_uri=a",
    "redirect_uri"
)]
#[case(
    "grant_type=authorization_code&code=a&code_verifier=a&code_verifier=a",
    "code_verifier"
)]
#[case("grant_type=refresh_token&refresh_token=a&refresh_token=b", "refresh_token")]
#[case("grant_type=refresh_token&refresh_token=a&scope=a&scope=b", "scope")]
fn a_parameter_that_stands_twice_is_refused(#[case] form: &str, #[case] name: &str) {
    assert!(matches!(refusal(form), TokenRequestError::Duplicate(duplicate) if duplicate.0 == name));
}

#[rstest]
#[case("password")]
#[case("implicit")]
#[case("urn:ietf:params:oauth:grant-type:saml2-bearer")]
#[case("Authorization_Code")]
#[case("authorization_code ")]
fn a_grant_that_is_not_served_is_named(#[case] grant: &str) {
    let form = format!("grant_type={grant}&code=a&refresh_token=b");
    assert_eq!(
        refusal(&form),
        TokenRequestError::UnsupportedGrantType(grant.to_owned())
    );
}

#[test]
fn a_long_grant_type_is_cut_before_it_is_repeated() {
    let TokenRequestError::UnsupportedGrantType(named) = refusal(&format!("grant_type={}", "x".repeat(5000)))
    else {
        panic!("another error")
    };
    assert_eq!(named.len(), 80);
}

#[test]
fn a_verifier_or_a_scope_that_is_none_is_refused() {
    assert_eq!(
        refusal("grant_type=authorization_code&code=a&code_verifier=short"),
        TokenRequestError::BadVerifier
    );
    assert_eq!(
        refusal("grant_type=refresh_token&refresh_token=a&scope=%22"),
        TokenRequestError::BadScope
    );
}

/// [RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3), its example with a verifier and a resource.
#[test]
fn a_code_is_presented_with_all_that_it_is_bound_to() {
    let request = parse(&format!(
        "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb\
         &code_verifier={VERIFIER}&resource=https%3A%2F%2Fmcp.example%2Fmcp"
    ))
    .unwrap();
    assert_eq!(request.grant_type(), GrantType::AuthorizationCode);
    let TokenRequest::AuthorizationCode {
        code,
        redirect_uri,
        code_verifier,
        resource,
    } = request
    else {
        panic!("another grant")
    };
    assert_eq!(code.expose(), "SplxlOBeZQQYbYS6WxSbIA");
    assert_eq!(redirect_uri.as_deref(), Some("https://client.example.com/cb"));
    assert_eq!(code_verifier.unwrap().expose(), VERIFIER);
    assert_eq!(resource, ["https://mcp.example/mcp"]);
}

/// [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6), its example: what Codex and Claude Code leave out is absent.
#[test]
fn a_refresh_may_come_without_scope_and_resource() {
    let request = parse("grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA").unwrap();
    assert_eq!(request.grant_type(), GrantType::RefreshToken);
    let TokenRequest::RefreshToken {
        refresh_token,
        scope,
        resource,
    } = request
    else {
        panic!("another grant")
    };
    assert_eq!(refresh_token.expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
    assert_eq!(scope, None);
    assert!(resource.is_empty());
}

#[test]
fn a_request_in_json_is_the_same_request() {
    let body = json!({
        "grant_type": "refresh_token", "refresh_token": "a", "scope": "mcp:read",
        "resource": ["https://a.example", "https://b.example"],
    });
    let request = TokenRequest::parse(&Params::parse_json(body.to_string().as_bytes()).unwrap()).unwrap();
    let TokenRequest::RefreshToken { scope, resource, .. } = request else {
        panic!("another grant")
    };
    assert_eq!(scope, Some(ScopeSet::parse("mcp:read").unwrap()));
    assert_eq!(resource, ["https://a.example", "https://b.example"]);
}

#[test]
fn what_opens_a_door_is_not_printed() {
    let code = format!("grant_type=authorization_code&code=s3cret&code_verifier={VERIFIER}");
    let printed = format!(
        "{:?}{:?}",
        parse(&code),
        parse("grant_type=refresh_token&refresh_token=s3cret")
    );
    assert!(
        !printed.contains("s3cret") && !printed.contains(VERIFIER),
        "{printed}"
    );
}

#[test]
fn every_grant_type_is_read_as_it_is_written() {
    for grant in GrantType::ALL {
        assert_eq!(GrantType::parse(grant.as_str()), Some(grant));
        assert_eq!(serde_json::to_value(grant).unwrap(), grant.as_str());
    }
}

fn response() -> TokenResponse {
    TokenResponse {
        access_token: "2YotnFZFEjr1zCsicMWpAA".to_owned(),
        token_type: "Bearer",
        expires_in: 3600,
        issued_token_type: None,
        refresh_token: None,
        scope: ScopeSet::parse("mcp:read").unwrap(),
        id_token: None,
        dpop_nonce: None,
    }
}

/// [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
#[test]
fn an_answer_says_what_was_granted_and_nothing_that_was_not() {
    assert_eq!(
        serde_json::to_value(response()).unwrap(),
        json!({
            "access_token": "2YotnFZFEjr1zCsicMWpAA",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "mcp:read",
        })
    );
}

#[test]
fn tokens_in_an_answer_are_not_printed() {
    let printed = format!(
        "{:?}",
        TokenResponse {
            refresh_token: Some("s3cret".to_owned()),
            ..response()
        }
    );
    assert!(
        !printed.contains("2Yotn") && !printed.contains("s3cret"),
        "{printed}"
    );
}

/// > If the introspection call is properly authorized but the token is not active […] the authorization server […] SHOULD
/// > NOT include any additional information about an inactive token (RFC 7662 §2.2)
#[test]
fn of_an_inactive_token_nothing_else_is_said() {
    assert_eq!(
        serde_json::to_string(&IntrospectionResponse::Inactive).unwrap(),
        r#"{"active":false}"#
    );
}

#[test]
fn an_active_token_is_described() {
    let active = IntrospectionResponse::Active(Box::new(ActiveToken {
        iss: Issuer::parse("https://as.example").unwrap(),
        sub: Subject::parse("local:alice").unwrap(),
        aud: vec![ResourceUri::parse("https://mcp.example/mcp").unwrap()],
        client_id: ClientId::parse("client").unwrap(),
        scope: ScopeSet::parse("mcp:write mcp:read").unwrap(),
        token_type: Some("Bearer"),
        exp: 1_700_003_600,
        iat: 1_700_000_000,
        jti: None,
        sid: SessionId::parse("session").unwrap(),
        auth_time: 1_700_000_000,
        idp: ProviderId::parse("local").unwrap(),
        act: None,
        cnf: None,
        username: Some("alice".to_owned()),
    }));
    assert_eq!(
        serde_json::to_value(active).unwrap(),
        json!({
            "active": true,
            "iss": "https://as.example",
            "sub": "local:alice",
            "aud": ["https://mcp.example/mcp"],
            "client_id": "client",
            "scope": "mcp:read mcp:write",
            "token_type": "Bearer",
            "exp": 1_700_003_600,
            "iat": 1_700_000_000,
            "sid": "session",
            "auth_time": 1_700_000_000,
            "idp": "local",
            "username": "alice",
        })
    );
}

#[test]
fn userinfo_says_only_what_there_is() {
    let info = UserInfo {
        sub: Subject::parse("local:alice").unwrap(),
        name: None,
        preferred_username: Some("alice".to_owned()),
        picture: None,
        email: None,
        email_verified: None,
    };
    assert_eq!(
        serde_json::to_value(&info).unwrap(),
        json!({ "sub": "local:alice", "preferred_username": "alice" })
    );
}
