//! Serving, and stopping without cutting anybody off.

use std::time::Duration;

use anyhow::bail;
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vestibule_http::Leaving;

use super::connections::{self, Patience, Transport};

/// One app, and where it is served.
pub(crate) struct Served {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) app: Router,
    pub(super) transport: Transport,
}

impl Served {
    /// An app over plain HTTP.
    pub(crate) fn plain(listeners: Vec<TcpListener>, app: Router) -> Self {
        Self {
            listeners,
            app,
            transport: Transport::Plain,
        }
    }
}

/// A token that is cancelled by Ctrl-C or SIGTERM, `notice` after it came; from the moment that it comes the program is
/// `leaving`. Whoever does not want to wait asks twice.
pub(crate) fn stop_signal(leaving: Leaving, notice: Duration) -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut terminate = signal(SignalKind::terminate())
            .inspect_err(
                |error| tracing::warn!(%error, "SIGTERM cannot be caught; Ctrl-C still stops the program"),
            )
            .ok();
        told_to_stop(&mut terminate).await;
        leaving.begin();
        if !notice.is_zero() {
            tracing::info!(?notice, "stopping: not ready from now on, and soon gone");
            tokio::select! {
                () = tokio::time::sleep(notice) => {}
                () = told_to_stop(&mut terminate) => {}
            }
        }
        tracing::info!("stopping: requests under way are finished first");
        token.cancel();
    });
    stop
}

async fn told_to_stop(terminate: &mut Option<Signal>) {
    let terminated = async {
        match terminate {
            Some(terminate) => {
                terminate.recv().await;
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Serves each app on its listeners until `stop` is cancelled and the requests under way are answered, or `drain` is over.
pub(crate) async fn run(apps: Vec<Served>, drain: Duration, stop: CancellationToken) -> anyhow::Result<()> {
    let mut servers = JoinSet::new();
    for Served {
        listeners,
        app,
        transport,
    } in apps
    {
        for listener in listeners {
            let listener = listener.tap_io(|stream| {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
            });
            servers.spawn(connections::serve(
                listener,
                app.clone(),
                transport.clone(),
                Patience::USUAL,
                stop.clone(),
            ));
        }
    }
    let drained = async {
        stop.cancelled().await;
        tokio::time::sleep(drain).await;
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
