//! The authorization request and its answer.

use rstest::rstest;
use vestibule_protocol::{
    AuthorizationResponse, Issuer, OAuthErrorCode, Params, RawAuthorizeRequest, Secret,
};

fn issuer() -> Issuer {
    Issuer::parse("https://as.example/tenant").unwrap()
}

#[rstest]
#[case("response_type")]
#[case("response_mode")]
#[case("scope")]
#[case("state")]
#[case("code_challenge")]
#[case("code_challenge_method")]
#[case("nonce")]
#[case("prompt")]
#[case("max_age")]
#[case("login_hint")]
#[case("idp_hint")]
#[case("dpop_jkt")]
#[case("request")]
#[case("request_uri")]
fn every_parameter_but_resource_may_stand_once_only(#[case] name: &str) {
    let params = Params::parse_query(&format!("{name}=a&{name}=b")).unwrap();
    assert_eq!(RawAuthorizeRequest::parse(&params).unwrap_err().0, name);
}

/// [RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1), its example with PKCE and two resources.
#[test]
fn a_request_is_read_and_not_judged() {
    let params = Params::parse_query(
        "response_type=code&client_id=s6BhdRkqt3&state=xyz&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
         &resource=https%3A%2F%2Fcal.example.com%2F&resource=https%3A%2F%2Fcontacts.example.com%2F&nonce=&foo=bar",
    )
    .unwrap();
    assert_eq!(params.one("client_id"), Ok(Some("s6BhdRkqt3")));
    assert_eq!(
        params.one("redirect_uri"),
        Ok(Some("https://client.example.com/cb"))
    );
    assert_eq!(
        RawAuthorizeRequest::parse(&params).unwrap(),
        RawAuthorizeRequest {
            response_type: Some("code".to_owned()),
            state: Some("xyz".to_owned()),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            code_challenge_method: Some("S256".to_owned()),
            resource: vec![
                "https://cal.example.com/".to_owned(),
                "https://contacts.example.com/".to_owned()
            ],
            ..RawAuthorizeRequest::default()
        }
    );
}

/// > REQUIRED if the "state" parameter was present in the client authorization request. The exact value received from the
/// > client. (RFC 6749 §4.1.2)
#[rstest]
#[case("xyz")]
#[case(" a b ")]
#[case("{\"a\":\"<b>&c=d#e\"}")]
#[case("ü\u{1F510}")]
fn the_state_comes_back_exactly_as_it_was_received(#[case] state: &str) {
    let response = AuthorizationResponse::Code {
        code: Secret::new("SplxlOBeZQQYbYS6WxSbIA"),
        state: Some(state.to_owned()),
        iss: issuer(),
    };
    assert_eq!(
        response.params(),
        [
            ("code", "SplxlOBeZQQYbYS6WxSbIA".to_owned()),
            ("state", state.to_owned()),
            ("iss", "https://as.example/tenant".to_owned()),
        ]
    );
}

/// > In authorization responses to the client, including error responses, an authorization server supporting this
/// > specification MUST indicate its identity by including the iss parameter in the response. (RFC 9207 §2)
#[test]
fn iss_is_in_every_answer_and_state_only_where_it_was_sent() {
    let error = AuthorizationResponse::Error {
        error: OAuthErrorCode::AccessDenied,
        description: None,
        uri: None,
        state: None,
        iss: issuer(),
    };
    assert_eq!(
        error.params(),
        [
            ("error", "access_denied".to_owned()),
            ("iss", "https://as.example/tenant".to_owned())
        ]
    );
}

/// > Values for the "error_description" parameter MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E.
/// > (RFC 6749 §4.1.2.1)
#[test]
fn an_error_description_has_only_the_characters_that_it_may_have() {
    let error = AuthorizationResponse::Error {
        error: OAuthErrorCode::InvalidScope,
        description: Some("scope “a\"b\\c\nü” is unknown".to_owned()),
        uri: Some("https://docs.example/invalid_scope".to_owned()),
        state: Some("s".to_owned()),
        iss: issuer(),
    };
    assert_eq!(
        error.params(),
        [
            ("error", "invalid_scope".to_owned()),
            ("error_description", "scope 'a'b?c??' is unknown".to_owned()),
            ("error_uri", "https://docs.example/invalid_scope".to_owned()),
            ("state", "s".to_owned()),
            ("iss", "https://as.example/tenant".to_owned()),
        ]
    );
}

#[test]
fn a_code_is_not_printed() {
    let response = AuthorizationResponse::Code {
        code: Secret::new("s3cret"),
        state: None,
        iss: issuer(),
    };
    assert!(!format!("{response:?}").contains("s3cret"));
}
