//! An access token.

use axum::extract::{FromRequest, Request};
use http::{HeaderValue, Method, StatusCode};
use vestibule_protocol::{OAuthErrorCode, Params, Secret};

use super::authorization::{authorization, bearer, bound};
use super::body;
use super::media_type::Shape;
use crate::failure::Refusal;

/// The access token of a request, in the header or, with POST, in a form.
#[derive(Debug)]
pub(crate) enum AccessToken {
    /// By itself.
    Bearer(Secret),
    /// With a proof of the key that it is bound to, which is only ever in the header
    /// ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    Dpop(Secret),
}

impl<S: Sync> FromRequest<S> for AccessToken {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let header = authorization(request.headers())?;
        let header = header.as_deref();
        let in_header = header
            .and_then(bearer)
            .map(|token| Self::Bearer(Secret::new(token)))
            .or_else(|| header.and_then(bound).map(|token| Self::Dpop(Secret::new(token))));
        let in_form = in_form(request).await?;
        match (in_header, in_form) {
            // > Clients MUST NOT use more than one method to transmit the token in each request.
            // > (RFC 6750 §2)
            (Some(_), Some(_)) => Err(Refusal::invalid_request("Send the access token once.")),
            (Some(token), None) => Ok(token),
            (None, Some(token)) => Ok(Self::Bearer(token)),
            (None, None) => Err(missing()),
        }
    }
}

async fn in_form(request: Request) -> Result<Option<Secret>, Refusal> {
    if *request.method() != Method::POST {
        return Ok(None);
    }
    let (parts, body) = request.into_parts();
    let body = body::read(body).await?;
    match Shape::of(&parts.headers, &body) {
        Some(Shape::Form) => Ok(Params::parse_form(&body)?.one("access_token")?.map(Secret::new)),
        Some(Shape::Json) | None => Ok(None),
    }
}

/// > If the request lacks any authentication information […], the resource server SHOULD NOT include an error code or
/// > other error information.
/// > ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1), of the challenge)
fn missing() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        OAuthErrorCode::InvalidToken,
        "Send an access token as a bearer token.",
    )
    .challenging(HeaderValue::from_static("Bearer"))
}
