//! `/oauth/revoke` ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).

use std::sync::Arc;

use axum::extract::State;
use http::HeaderValue;
use http::header::HeaderName;
use vestibule_broker::Broker;

use crate::extract::Call;
use crate::failure::ApiFailure;
use crate::respond::NO_STORE;

/// > The authorization server responds with HTTP status code 200 if the token has been revoked successfully or if the
/// > client submitted an invalid token.
pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    call: Call,
) -> Result<[(HeaderName, HeaderValue); 2], ApiFailure> {
    broker.revoke(call.authorization.as_deref(), &call.params).await?;
    Ok(NO_STORE)
}
