//! The proof of a request.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use vestibule_protocol::OAuthErrorCode;

use crate::failure::Refusal;

/// The `DPoP` header, if there is one.
///
/// > There is not more than one DPoP HTTP request header field.
/// > ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3))
#[derive(Debug)]
pub(crate) struct Dpop(pub(crate) Option<String>);

impl<S: Sync> FromRequestParts<S> for Dpop {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let mut values = parts.headers.get_all("dpop").iter();
        let first = values.next();
        if values.next().is_some() {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                OAuthErrorCode::InvalidDpopProof,
                "Send one DPoP header, with one proof.",
            ));
        }
        Ok(Self(first.map(|value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        })))
    }
}
