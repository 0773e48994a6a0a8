//! `/oauth/backchannel_logout/{provider}`: an identity provider tells that somebody logged out
//! ([OpenID Connect Back-Channel Logout §2.5](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest)).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use vestibule_broker::Broker;

use crate::extract::Call;
use crate::failure::ApiFailure;
use crate::respond::NO_STORE;

/// > If the logout succeeded, the RP MUST respond with HTTP 200 OK. […] The RP's response SHOULD include the Cache-Control
/// > HTTP response header field with a no-store value
/// > ([§2.8](https://openid.net/specs/openid-connect-backchannel-1_0.html#BCResponse))
pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    Path(provider): Path<String>,
    call: Call,
) -> Result<Response, ApiFailure> {
    broker.back_channel_logout(&provider, &call.params).await?;
    Ok((StatusCode::OK, NO_STORE).into_response())
}
