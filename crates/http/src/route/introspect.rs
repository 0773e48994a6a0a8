//! `/oauth/introspect` ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use vestibule_broker::Broker;

use crate::extract::Call;
use crate::failure::ApiFailure;
use crate::respond::{NO_STORE, Sensitive};

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    Accepts(signed): Accepts,
    call: Call,
) -> Result<Response, ApiFailure> {
    let authorization = call.authorization.as_deref();
    if signed {
        let jwt = broker.introspect_signed(authorization, &call.params).await?;
        return Ok((NO_STORE, [(CONTENT_TYPE, SIGNED)], jwt).into_response());
    }
    let response = broker.introspect(authorization, &call.params).await?;
    Ok(Sensitive(StatusCode::OK, response).into_response())
}

const SIGNED: HeaderValue = HeaderValue::from_static("application/token-introspection+jwt");

/// Whether the caller asks for a signed answer ([RFC 9701 §4](https://www.rfc-editor.org/rfc/rfc9701#section-4)).
pub(crate) struct Accepts(bool);

impl<S: Sync> FromRequestParts<S> for Accepts {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let mut ranges = parts
            .headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        Ok(Self(ranges.any(|range| {
            let (essence, weight) = range.split_once(';').unwrap_or((range, ""));
            let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            essence.trim().as_bytes().eq_ignore_ascii_case(SIGNED.as_bytes()) && !refused
        })))
    }
}
