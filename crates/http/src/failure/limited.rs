//! What is answered to whoever comes too often: 429 ([RFC 6585 §4](https://www.rfc-editor.org/rfc/rfc6585#section-4)), when to
//! come again, and which limit it was
//! ([draft-ietf-httpapi-ratelimit-headers-11](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11)).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use vestibule_broker::Limited;
use vestibule_protocol::{ErrorBody, OAuthErrorCode};

use super::{Problem, Refusal, Retry, sentence};
use crate::respond::NO_STORE;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// None of the codes of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2) fits: on `invalid_client` and
/// `invalid_grant` clients throw away what is still good, and `slow_down` has a device poll more slowly for ever.
const CODE: OAuthErrorCode = OAuthErrorCode::TemporarilyUnavailable;

impl From<Limited> for Refusal {
    fn from(limited: Limited) -> Self {
        Self {
            retry_after: Some(limited.seconds()),
            limited: Some(Box::new(limited)),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                CODE,
                sentence(&limited.to_string()),
            )
        }
    }
}

impl From<Limited> for Problem {
    fn from(limited: Limited) -> Self {
        let wait = limited.seconds();
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "too_many_requests",
            title: "Too many requests",
            remedy: "If you did not send them, somebody else in your network did.",
            retry: Some(Box::new(Retry::after_limit(limited))),
            ..Self::malformed(format!(
                "Too many requests come from your network. Wait {wait} seconds and try again."
            ))
        }
    }
}

/// The whole answer, where no layer writes it out.
pub(crate) fn limited_document(limited: Limited) -> Response {
    let body = ErrorBody {
        error: CODE,
        error_description: Some(sentence(&limited.to_string())),
        error_uri: None,
    };
    let retry_after = [(RETRY_AFTER, HeaderValue::from(limited.seconds()))];
    let mut response = (StatusCode::TOO_MANY_REQUESTS, NO_STORE, retry_after, Json(body)).into_response();
    name_limit(&mut response, &limited);
    response
}

/// Says which limit it was, and that nothing is left of it.
pub(crate) fn name_limit(response: &mut Response, limited: &Limited) {
    let name = limited.rule.as_str();
    let (quota, window, wait) = (limited.quota.burst, limited.window(), limited.seconds());
    for (header, value) in [
        (RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={window}")),
        (RATE_LIMIT, format!("\"{name}\";r=0;t={wait}")),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(header, value);
        }
    }
}
