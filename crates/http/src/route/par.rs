//! `/oauth/par` ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use vestibule_broker::Broker;
use vestibule_protocol::PushedAuthorizationResponse;

use crate::caller::Caller;
use crate::extract::{Call, Dpop};
use crate::failure::ApiFailure;
use crate::respond::Sensitive;

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    Caller(caller): Caller,
    Dpop(dpop): Dpop,
    call: Call,
) -> Result<Sensitive<PushedAuthorizationResponse>, ApiFailure> {
    let response = broker
        .push_authorization(
            caller,
            call.authorization.as_deref(),
            dpop.as_deref(),
            &call.params,
        )
        .await?;
    Ok(Sensitive(StatusCode::CREATED, response))
}
