//! The operators' socket: a Unix socket on which commands reach the running broker.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use vestibule_broker::Broker;
use vestibule_http::metrics_router;
use vestibule_keyring::{KeyInfo, KeyStage};
use vestibule_protocol::Timestamp;
use vestibule_telemetry::{AuditEvent, OperatorAction, Scrape};

use crate::config::{Config, StoreConfig};

/// Where the socket of a configuration is: as written, or beside the store's file. Replicas that share a store have each their own,
/// which only the operator can name.
pub(crate) fn socket_of(config: &Config) -> Option<PathBuf> {
    config.listen.operators.clone().or_else(|| match &config.store {
        StoreConfig::Memory | StoreConfig::Redis(_) => None,
        StoreConfig::File(path) => Some(path.with_extension("sock")),
    })
}

/// A bound socket, for this user alone; its file goes with it.
pub(crate) struct OperatorSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl OperatorSocket {
    /// Binds the socket. What a broker that was killed left behind is removed; a living broker's is not.
    pub(crate) fn bind(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.file_type().is_socket() {
                bail!(
                    "{shown} is in the way of the operators' socket; choose another with [listen] operators"
                );
            }
            if UnixStream::connect(path).is_ok() {
                bail!(
                    "another broker answers on {shown}; stop it, or choose another socket with [listen] operators"
                );
            }
            fs::remove_file(path).with_context(|| format!("cannot replace the old socket {shown}"))?;
        }
        let listener = UnixListener::bind(path).with_context(|| {
            format!("cannot make the operators' socket {shown}; choose another place with [listen] operators")
        })?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// Answers operators until `stop` is cancelled.
    pub(crate) async fn serve(self, broker: Arc<Broker>, scrape: Option<Scrape>, stop: CancellationToken) {
        let app = Router::new()
            .route("/keys", get(list_keys))
            .route("/keys/rotate", post(rotate_keys))
            .with_state(broker)
            .merge(scrape.map(metrics_router).unwrap_or_default());
        let server = axum::serve(self.listener, app).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "the operators' socket failed");
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// One key, as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeyLine {
    pub(crate) kid: String,
    algorithm: String,
    stage: String,
    published_at: String,
    /// When it takes over, took over, or stopped signing, as its stage says.
    since: String,
}

impl KeyLine {
    /// The heading over the rows.
    pub(crate) const HEADING: &str = "STAGE     ALGORITHM  PUBLISHED             SINCE                 KID";

    /// One row of the table.
    pub(crate) fn row(&self) -> String {
        let Self {
            kid,
            algorithm,
            stage,
            published_at,
            since,
        } = self;
        format!("{stage:<9} {algorithm:<10} {published_at:<21} {since:<21} {kid}")
    }
}

/// What came of a rotation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RotationLine {
    activates_at: String,
    active_now: bool,
}

impl RotationLine {
    /// The answer in a sentence.
    pub(crate) fn sentence(&self) -> String {
        if self.active_now {
            "The next key signs from now on.".to_owned()
        } else {
            format!(
                "The next key signs from {} on, when every verifier can know it.",
                self.activates_at
            )
        }
    }
}

type Answer<T> = Result<Json<T>, (StatusCode, String)>;

async fn list_keys(State(broker): State<Arc<Broker>>) -> Json<Vec<KeyLine>> {
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
    Json(broker.describe_keys().into_iter().map(line).collect())
}

async fn rotate_keys(State(broker): State<Arc<Broker>>) -> Answer<RotationLine> {
    let command = AuditEvent::OperatorActed {
        action: OperatorAction::RotateKeys,
        client: None,
        sid: None,
    };
    command.record();
    let rotation = broker.rotate_keys().await;
    let rotation = rotation.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    Ok(Json(RotationLine {
        active_now: rotation.activates_at <= broker.now(),
        activates_at: shown(rotation.activates_at),
    }))
}

fn shown(time: Timestamp) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(time.as_secs()).unwrap_or(0));
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since_epoch).to_string()
}

/// Asks a running broker.
pub(crate) struct OperatorClient {
    http: reqwest::Client,
    socket: PathBuf,
}

impl OperatorClient {
    /// A client of the broker behind `socket`.
    pub(crate) fn new(socket: &Path) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .unix_socket(socket)
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()?;
        Ok(Self {
            http,
            socket: socket.to_owned(),
        })
    }

    /// Reads.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.answer(self.http.get(format!("http://operators{path}")))
            .await
    }

    /// Acts.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.answer(self.http.post(format!("http://operators{path}")))
            .await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let response = request.send().await.map_err(|error| {
            anyhow!(
                "no broker answers on {}; is it running? Name its socket with --socket or its configuration with --config ({error})",
                self.socket.display()
            )
        })?;
        if !response.status().is_success() {
            bail!("the broker refused: {}", response.text().await?);
        }
        Ok(serde_json::from_slice(&response.bytes().await?)?)
    }
}
