use std::{io, time::Duration};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse},
    routing::get,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::AuthorizeError;

const PATH: &str = "/callback";
const ANSWERED: &str = include_str!("pages/answered.html");
const NOTHING: &str = include_str!("pages/nothing.html");

/// How long a browser may keep its connection after the closing page.
const LINGER: Duration = Duration::from_millis(500);

/// The listener to which the authorization server sends the person's browser back
/// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
pub(crate) struct Loopback {
    redirect_uri: String,
    answers: mpsc::Receiver<String>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Loopback {
    /// Listens on a port that the system chooses, on the loopback interface alone.
    pub(super) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let redirect_uri = format!("http://{}{PATH}", listener.local_addr()?);
        let (sender, answers) = mpsc::channel(1);
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().route(PATH, get(receive)).with_state(sender);
        let server = tokio::spawn(async move {
            let stopped = async move { drop(stopped.await) };
            drop(
                axum::serve(listener, router)
                    .with_graceful_shutdown(stopped)
                    .await,
            );
        });
        Ok(Self {
            redirect_uri,
            answers,
            stop,
            server,
        })
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the query with which the browser comes back, and closes the door behind it.
    pub(super) async fn answer(mut self, patience: Duration) -> Result<String, AuthorizeError> {
        let answer = tokio::time::timeout(patience, self.answers.recv()).await;
        drop(self.stop);
        // The page is on its way; a browser that holds its connection open does not hold up the login.
        if tokio::time::timeout(LINGER, &mut self.server).await.is_err() {
            self.server.abort();
        }
        match answer {
            Ok(Some(query)) => Ok(query),
            Ok(None) | Err(_) => Err(AuthorizeError::NoAnswer { patience }),
        }
    }
}

/// Takes the first request that carries an answer. The page is constant text: nothing of the query is shown.
async fn receive(State(sender): State<mpsc::Sender<String>>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let answer = query.filter(|query| is_answer(query));
    let taken = answer.is_some_and(|answer| sender.try_send(answer).is_ok());
    let (status, page) = if taken {
        (StatusCode::OK, ANSWERED)
    } else {
        (StatusCode::NOT_FOUND, NOTHING)
    };
    let headers: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::CONNECTION, "close"),
    ];
    (status, headers, Html(page))
}

fn is_answer(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "code" || name == "error")
}
