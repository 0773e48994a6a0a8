//! The connections of one listener, and how long a slow client may hold one.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::tls::Tls;

/// How long a client is waited for; what takes an answer its time is not counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From the connection to the end of the first request's header. HTTP/1 and HTTP/2 are told apart within it.
    pub(super) first_request: Duration,
    /// From an answer to the end of the next request's header. A proxy that pools connections for longer would lose requests.
    pub(super) next_request: Duration,
    /// Between two pings to an HTTP/2 client, and for the answer to one.
    pub(super) ping: Duration,
    /// From one request to the next on a connection that stays open, however well its pings are answered. Then it is asked to
    /// end, and after as long again it is closed: no answer takes that long.
    pub(super) idle: Duration,
}

impl Patience {
    /// Longer for the next request than proxies keep an idle connection, which is a minute for most.
    pub(super) const USUAL: Self = Self {
        first_request: Duration::from_secs(30),
        next_request: Duration::from_secs(75),
        ping: Duration::from_secs(20),
        idle: Duration::from_secs(300),
    };

    fn server(self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.next_request);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.ping)
            .keep_alive_timeout(self.ping);
        builder
    }
}

/// What is spoken on a listener's connections.
#[derive(Clone)]
pub(super) enum Transport {
    /// HTTP as it is: a proxy speaks TLS, or nobody has to.
    Plain,
    /// HTTP in TLS.
    Tls(Arc<Tls>),
}

/// What somebody is told who speaks plain HTTP where TLS is spoken.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
    This port speaks HTTPS: begin the address with https://\n";

/// The first byte of every TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// Serves `app` until `stop` is cancelled and the requests under way are answered; dropped, it closes every connection.
///
/// Each request brings the address of its peer along, as [`ConnectInfo`].
pub(super) async fn serve(
    mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
    app: Router,
    transport: Transport,
    patience: Patience,
    stop: CancellationToken,
) {
    let server = Arc::new(patience.server());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            (stream, peer) = listener.accept() => {
                let (server, app, stop) = (server.clone(), app.clone(), stop.clone());
                let transport = transport.clone();
                connections.spawn(async move {
                    match transport {
                        Transport::Plain => converse(&server, (stream, peer), app, patience, stop).await,
                        Transport::Tls(tls) => {
                            if let Some(stream) = shake_hands(&tls, stream, patience.first_request, &stop).await {
                                converse(&server, (stream, peer), app, patience, stop).await;
                            }
                        }
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Begins TLS on a connection. Nothing comes of it if the client does not, or takes longer than `patience`.
async fn shake_hands(
    tls: &Tls,
    mut stream: TcpStream,
    patience: Duration,
    stop: &CancellationToken,
) -> Option<impl AsyncRead + AsyncWrite + Unpin + Send + 'static> {
    let handshake = async {
        let mut first = [0];
        let begun = stream.peek(&mut first).await?;
        if begun == 1 && first != [HANDSHAKE] {
            stream.write_all(SPEAK_TLS).await?;
            stream.shutdown().await?;
            return Ok(None);
        }
        tls.accept(stream).await.map(Some)
    };
    tokio::select! {
        () = stop.cancelled() => None,
        shaken = tokio::time::timeout(patience, handshake) => match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!("a connection without a TLS handshake in time is closed");
                None
            }
        },
    }
}

/// Answers the requests of one connection.
async fn converse(
    server: &Builder<TokioExecutor>,
    (stream, peer): (impl AsyncRead + AsyncWrite + Unpin + Send + 'static, SocketAddr),
    app: Router,
    patience: Patience,
    stop: CancellationToken,
) {
    let asked = Arc::new(AtomicU64::new(0));
    let service = app.map_request({
        let asked = asked.clone();
        move |mut request: Request<Incoming>| {
            asked.fetch_add(1, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(Body::new)
        }
    });
    let mut connection =
        pin!(server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    let mut deadline = pin!(tokio::time::sleep(patience.first_request));
    let (mut seen, mut stopping) = (0, false);
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = &mut deadline => {
                let before = std::mem::replace(&mut seen, asked.load(Ordering::Relaxed));
                match (before == seen, stopping) {
                    (true, false) if seen > 0 => {
                        stopping = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    (true, _) => {
                        tracing::debug!("a connection without a request in time is closed");
                        return;
                    }
                    (false, _) => {}
                }
                deadline.set(tokio::time::sleep(patience.idle));
            }
        }
    }
}

#[cfg(test)]
mod tests;
