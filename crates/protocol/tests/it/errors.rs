//! Error bodies.

use rstest::rstest;
use serde_json::json;
use vestibule_protocol::{ErrorBody, OAuthErrorCode};

/// > Values for the "error_description" parameter MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E.
/// > (RFC 6749 §5.2)
#[test]
fn an_error_description_has_only_the_characters_that_it_may_have() {
    let body = ErrorBody {
        error: OAuthErrorCode::UnsupportedGrantType,
        error_description: Some("grant_type=\"\u{7f}p\\ässword\"\r\n is ‘not’ served".to_owned()),
        error_uri: None,
    };
    assert_eq!(
        serde_json::to_value(&body).unwrap(),
        json!({
            "error": "unsupported_grant_type",
            "error_description": "grant_type='?p??ssword'?? is 'not' served",
        })
    );
}

/// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2), its example body.
#[test]
fn a_body_with_a_code_alone_is_read_and_written() {
    let body: ErrorBody = serde_json::from_str(r#"{"error":"invalid_request"}"#).unwrap();
    assert_eq!(body.error, OAuthErrorCode::InvalidRequest);
    assert_eq!(
        serde_json::to_string(&body).unwrap(),
        r#"{"error":"invalid_request"}"#
    );
}

#[rstest]
#[case(OAuthErrorCode::InvalidRequest, "invalid_request")]
#[case(OAuthErrorCode::InvalidClient, "invalid_client")]
#[case(OAuthErrorCode::InvalidGrant, "invalid_grant")]
#[case(OAuthErrorCode::UnauthorizedClient, "unauthorized_client")]
#[case(OAuthErrorCode::UnsupportedGrantType, "unsupported_grant_type")]
#[case(OAuthErrorCode::InvalidScope, "invalid_scope")]
#[case(OAuthErrorCode::InvalidTarget, "invalid_target")]
#[case(OAuthErrorCode::AccessDenied, "access_denied")]
#[case(OAuthErrorCode::UnsupportedResponseType, "unsupported_response_type")]
#[case(OAuthErrorCode::ServerError, "server_error")]
#[case(OAuthErrorCode::TemporarilyUnavailable, "temporarily_unavailable")]
#[case(OAuthErrorCode::LoginRequired, "login_required")]
#[case(OAuthErrorCode::ConsentRequired, "consent_required")]
#[case(OAuthErrorCode::InteractionRequired, "interaction_required")]
#[case(OAuthErrorCode::RequestNotSupported, "request_not_supported")]
#[case(OAuthErrorCode::RequestUriNotSupported, "request_uri_not_supported")]
#[case(OAuthErrorCode::InvalidRedirectUri, "invalid_redirect_uri")]
#[case(OAuthErrorCode::InvalidClientMetadata, "invalid_client_metadata")]
#[case(OAuthErrorCode::InvalidToken, "invalid_token")]
#[case(OAuthErrorCode::InsufficientScope, "insufficient_scope")]
#[case(OAuthErrorCode::UnsupportedTokenType, "unsupported_token_type")]
#[case(OAuthErrorCode::AuthorizationPending, "authorization_pending")]
#[case(OAuthErrorCode::SlowDown, "slow_down")]
#[case(OAuthErrorCode::ExpiredToken, "expired_token")]
fn a_code_stands_on_the_wire_as_its_rfc_writes_it(#[case] code: OAuthErrorCode, #[case] text: &str) {
    assert_eq!(code.as_str(), text);
    assert_eq!(code.to_string(), text);
    assert_eq!(serde_json::to_value(code).unwrap(), text);
    assert_eq!(
        serde_json::from_value::<OAuthErrorCode>(text.into()).unwrap(),
        code
    );
}
