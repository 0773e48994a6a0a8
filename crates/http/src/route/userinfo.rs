//! `/oauth/userinfo` ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).

use std::sync::Arc;

use axum::extract::State;
use http::{Method, StatusCode};
use vestibule_broker::{Broker, ShownToken};
use vestibule_protocol::UserInfo;

use crate::extract::{AccessToken, Dpop};
use crate::failure::ApiFailure;
use crate::respond::Sensitive;

pub(crate) async fn answer(
    State(broker): State<Arc<Broker>>,
    method: Method,
    Dpop(dpop): Dpop,
    token: AccessToken,
) -> Result<Sensitive<UserInfo>, ApiFailure> {
    let shown = match &token {
        AccessToken::Bearer(token) => ShownToken::Bearer(token.expose()),
        AccessToken::Dpop(token) => ShownToken::Dpop {
            token: token.expose(),
            proof: dpop.as_deref(),
            method: method.as_str(),
        },
    };
    Ok(Sensitive(StatusCode::OK, broker.userinfo(shown).await?))
}
