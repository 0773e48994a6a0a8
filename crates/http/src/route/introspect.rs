//! `/oauth/introspect` ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use vestibule_broker::Broker;
use vestibule_protocol::IntrospectionResponse;

use crate::extract::Call;
use crate::failure::ApiFailure;
use crate::respond::Sensitive;

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    call: Call,
) -> Result<Sensitive<IntrospectionResponse>, ApiFailure> {
    let response = broker
        .introspect(call.authorization.as_deref(), &call.params)
        .await?;
    Ok(Sensitive(StatusCode::OK, response))
}
