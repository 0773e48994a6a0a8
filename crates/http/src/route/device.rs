//! `/oauth/device_authorization`, where devices begin, and `/device`, where people type the code that a device shows
//! ([RFC 8628 §3](https://www.rfc-editor.org/rfc/rfc8628#section-3)).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use vestibule_broker::{Broker, WalkError};
use vestibule_protocol::DeviceAuthorizationResponse;

use crate::caller::Caller;
use crate::extract::{Call, Submission, Visit};
use crate::failure::{ApiFailure, PageFailure};
use crate::pages::Pages;
use crate::respond::Sensitive;

pub(crate) async fn authorize(
    State(broker): State<Arc<Broker>>,
    Caller(caller): Caller,
    call: Call,
) -> Result<Sensitive<DeviceAuthorizationResponse>, ApiFailure> {
    let response = broker
        .authorize_device(caller, call.authorization.as_deref(), &call.params)
        .await?;
    Ok(Sensitive(StatusCode::OK, response))
}

/// A code in the address is filled in and no more: the person compares it and goes on.
pub(crate) async fn get(
    State(pages): State<Arc<Pages>>,
    Visit { params, .. }: Visit,
) -> Result<Response, PageFailure> {
    let typed = params.one("user_code")?.unwrap_or_default();
    Ok(pages.device_entry(StatusCode::OK, typed, None))
}

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    let typed = params.one("user_code")?.unwrap_or_default();
    match broker.enter_user_code(typed, &browser).await {
        Ok(turn) => Ok(pages.turn(turn)),
        Err(error @ WalkError::UserCode) => {
            Ok(pages.device_entry(StatusCode::BAD_REQUEST, typed, Some(&error.to_string())))
        }
        Err(error) => Err(PageFailure::from(error).with_another_try(|| pages.device_path())),
    }
}
