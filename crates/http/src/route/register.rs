//! `/oauth/register` ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)) and its management
//! ([RFC 7592](https://www.rfc-editor.org/rfc/rfc7592)).

use std::sync::Arc;

use axum::extract::{Path, State};
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use vestibule_broker::Broker;
use vestibule_protocol::RegistrationResponse;

use crate::caller::Caller;
use crate::extract::Document;
use crate::failure::ApiFailure;
use crate::respond::{NO_STORE, Sensitive};

pub(crate) async fn create(
    State(broker): State<Arc<Broker>>,
    Caller(caller): Caller,
    document: Document,
) -> Result<Sensitive<RegistrationResponse>, ApiFailure> {
    let response = broker
        .register(caller, document.bearer.as_deref(), &document.body)
        .await?;
    Ok(Sensitive(StatusCode::CREATED, response))
}

pub(crate) async fn read(
    State(broker): State<Arc<Broker>>,
    Path(client_id): Path<String>,
    document: Document,
) -> Result<Sensitive<RegistrationResponse>, ApiFailure> {
    let response = broker
        .read_registration(&client_id, document.bearer.as_deref())
        .await?;
    Ok(Sensitive(StatusCode::OK, response))
}

pub(crate) async fn update(
    State(broker): State<Arc<Broker>>,
    Path(client_id): Path<String>,
    document: Document,
) -> Result<Sensitive<RegistrationResponse>, ApiFailure> {
    let response = broker
        .update_registration(&client_id, document.bearer.as_deref(), &document.body)
        .await?;
    Ok(Sensitive(StatusCode::OK, response))
}

pub(crate) async fn delete(
    State(broker): State<Arc<Broker>>,
    Path(client_id): Path<String>,
    document: Document,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 2]), ApiFailure> {
    broker
        .delete_registration(&client_id, document.bearer.as_deref())
        .await?;
    Ok((StatusCode::NO_CONTENT, NO_STORE))
}
