//! The socket itself, and who is at its other end.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use vestibule_broker::{Broker, Operator};

use super::{clients, keys, limits, policy, sessions};

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

    /// Answers operators until `stop` is cancelled: their commands, and what `beside` has.
    pub(crate) async fn serve(self, broker: Arc<Broker>, beside: Router, stop: CancellationToken) {
        let app = routes()
            .with_state(broker)
            .merge(beside)
            .into_make_service_with_connect_info::<Caller>();
        let server = axum::serve(self.listener, app).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = server.await {
            tracing::error!(%error, "the operators' socket failed");
        }
        let _ = fs::remove_file(&self.path);
    }
}

fn routes() -> Router<Arc<Broker>> {
    Router::new()
        .route("/clients", get(clients::list))
        .route("/clients/show", get(clients::show))
        .route("/clients/approve", post(clients::approve))
        .route("/clients/block", post(clients::block))
        .route("/clients/unblock", post(clients::unblock))
        .route("/clients/delete", post(clients::delete))
        .route("/sessions", get(sessions::list))
        .route("/sessions/show", get(sessions::show))
        .route("/sessions/end", post(sessions::end))
        .route("/keys", get(keys::list))
        .route("/keys/rotate", post(keys::rotate))
        .route("/limits", get(limits::show))
        .route("/policy/explain", get(policy::explain))
}

/// The account at the other end of the socket, as the kernel says.
#[derive(Debug, Clone, Copy)]
struct Caller(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|peer| peer.uid()))
    }
}

/// The operator who asks.
pub(super) struct Asker(pub(super) Operator);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller: Result<ConnectInfo<Caller>, _> = ConnectInfo::from_request_parts(parts, state).await;
        let account = caller.ok().and_then(|ConnectInfo(Caller(account))| account);
        account.map(|account| Self(Operator::of_account(account))).ok_or((
            StatusCode::FORBIDDEN,
            "the system does not say whose command this is",
        ))
    }
}
