//! `/oauth/userinfo` ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use vestibule_broker::Broker;
use vestibule_protocol::UserInfo;

use crate::extract::Bearer;
use crate::failure::ApiFailure;
use crate::respond::Sensitive;

pub(crate) async fn answer(
    State(broker): State<Arc<Broker>>,
    Bearer(token): Bearer,
) -> Result<Sensitive<UserInfo>, ApiFailure> {
    Ok(Sensitive(StatusCode::OK, broker.userinfo(token.expose()).await?))
}
