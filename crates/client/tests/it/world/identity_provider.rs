//! An enterprise's identity provider, which says for which user a client comes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::authorization_server::refuse;
use super::ledger::Pairs;
use super::{Ledger, Twist};

const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";

pub(super) fn router(ledger: &Arc<Ledger>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration/idp", get(metadata))
        .route("/idp/token", post(token))
        .with_state(Arc::clone(ledger))
}

/// It knows nothing of PKCE, for it sends nobody anywhere.
async fn metadata(State(ledger): State<Arc<Ledger>>) -> Json<Value> {
    let issuer = format!("{}/idp", ledger.origin());
    Json(json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")}))
}

async fn token(State(ledger): State<Arc<Ledger>>, body: String) -> Response {
    let request: Pairs = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    ledger.note("idp", request.clone());
    assert_eq!(
        request["grant_type"],
        "urn:ietf:params:oauth:grant-type:token-exchange"
    );
    assert_eq!(request["requested_token_type"], ID_JAG);
    assert_eq!(
        request["subject_token_type"],
        "urn:ietf:params:oauth:token-type:id_token"
    );
    if ledger.is(Twist::IdpRefuses) {
        return refuse("invalid_grant");
    }
    let issued = if ledger.is(Twist::IdpGivesSomethingElse) {
        "urn:ietf:params:oauth:token-type:access_token"
    } else {
        ID_JAG
    };
    Json(json!({"access_token": "the-word-for-ada", "issued_token_type": issued, "token_type": "N_A"}))
        .into_response()
}
