//! Serving, and stopping without cutting anybody off.

use std::time::Duration;

use anyhow::bail;
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connections::{self, Patience};

/// How long requests under way may take to finish once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// A token that is cancelled by Ctrl-C or SIGTERM.
pub(crate) fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be caught; Ctrl-C still stops the program");
                let _ = tokio::signal::ctrl_c().await;
            }
        }
        tracing::info!("stopping: requests under way are finished first");
        token.cancel();
    });
    stop
}

/// Serves each app on its listeners until `stop` is cancelled and the requests under way are answered.
pub(crate) async fn run(
    apps: Vec<(Vec<TcpListener>, Router)>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut servers = JoinSet::new();
    for (listeners, app) in apps {
        for listener in listeners {
            let listener = listener.tap_io(|stream| {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
            });
            servers.spawn(connections::serve(
                listener,
                app.clone(),
                Patience::USUAL,
                stop.clone(),
            ));
        }
    }
    let drained = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::pin!(drained);
    loop {
        tokio::select! {
            ended = servers.join_next() => match ended {
                None => return Ok(()),
                Some(Ok(())) => {}
                Some(Err(error)) => bail!("a server stopped: {error}"),
            },
            () = &mut drained => {
                // Streams that never end by themselves, such as a client's open event stream.
                tracing::info!("connections still open are closed now");
                servers.abort_all();
                return Ok(());
            }
        }
    }
}
