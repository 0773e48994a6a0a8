//! `/oauth/token` ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode};
use vestibule_broker::Broker;

use crate::extract::{Call, Dpop};
use crate::failure::ApiFailure;
use crate::respond::{DPOP_NONCE, Sensitive};

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    Dpop(dpop): Dpop,
    call: Call,
) -> Result<Response, ApiFailure> {
    let mut answer = broker
        .token(call.authorization.as_deref(), dpop.as_deref(), &call.params)
        .await?;
    let nonce = answer.dpop_nonce.take();
    let mut response = Sensitive(StatusCode::OK, answer).into_response();
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    Ok(response)
}
