//! `vestibule keys …`, over the socket.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use vestibule_broker::Broker;
use vestibule_keyring::{KeyInfo, KeyStage};

use super::socket::Asker;
use super::{Answer, shown};

/// One key, as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeyLine {
    pub(crate) kid: String,
    pub(crate) algorithm: String,
    pub(crate) stage: String,
    pub(crate) published_at: String,
    /// When it takes over, took over, or stopped signing, as its stage says.
    pub(crate) since: String,
}

/// What came of a rotation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RotationLine {
    pub(crate) activates_at: String,
    pub(crate) active_now: bool,
}

pub(super) async fn list(State(broker): State<Arc<Broker>>, Asker(by): Asker) -> Json<Vec<KeyLine>> {
    let line = |key: KeyInfo| {
        let (stage, since) = match key.stage {
            KeyStage::Next { activates_at } => ("next", activates_at),
            KeyStage::Active { since } => ("active", since),
            KeyStage::Retiring { since } => ("retiring", since),
        };
        KeyLine {
            kid: key.key_id.to_string(),
            algorithm: key.algorithm.to_string(),
            stage: stage.to_owned(),
            published_at: shown(key.published_at),
            since: shown(since),
        }
    };
    Json(broker.list_keys_as(&by).into_iter().map(line).collect())
}

pub(super) async fn rotate(State(broker): State<Arc<Broker>>, Asker(by): Asker) -> Answer<RotationLine> {
    let rotation = broker.rotate_keys_as(&by).await;
    let rotation = rotation.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    Ok(Json(RotationLine {
        active_now: rotation.activates_at <= broker.now(),
        activates_at: shown(rotation.activates_at),
    }))
}
