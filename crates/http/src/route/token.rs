//! `/oauth/token` ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)).

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use vestibule_broker::Broker;
use vestibule_protocol::TokenResponse;

use crate::extract::Call;
use crate::failure::ApiFailure;
use crate::respond::Sensitive;

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    call: Call,
) -> Result<Sensitive<TokenResponse>, ApiFailure> {
    let response = broker.token(call.authorization.as_deref(), &call.params).await?;
    Ok(Sensitive(StatusCode::OK, response))
}
