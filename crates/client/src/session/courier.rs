use std::{collections::HashMap, io, sync::Arc};

use futures_util::stream::BoxStream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rmcp::{
    model::ClientJsonRpcMessage,
    transport::streamable_http_client::{
        SseError, StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
        StreamableHttpPostResponse,
    },
};
use sse_stream::Sse;
use url::Url;
use vestibule_protocol::{OAuthErrorCode, WwwAuthenticate};

use crate::{
    http::Http,
    proof::{DPOP, Prover},
};

type Headers = HashMap<HeaderName, HeaderValue>;
type Failure = StreamableHttpError<reqwest::Error>;
type Shown = [(HeaderName, HeaderValue); 2];

/// Carries the messages of MCP to a server, each with a proof of its own where the token is bound to a key
/// ([RFC 9449 §7](https://www.rfc-editor.org/rfc/rfc9449#section-7)).
#[derive(Clone)]
pub(super) struct Courier {
    http: Http,
    client: reqwest::Client,
    prover: Option<Arc<Prover>>,
}

impl Courier {
    pub(super) fn new(http: &Http, prover: Option<Arc<Prover>>) -> Self {
        Self {
            http: http.clone(),
            client: http.streaming(),
            prover,
        }
    }

    /// Sends a request with this token; once more where the server wants its nonce in the proof, and never a third time
    /// ([RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)).
    async fn carry<T, F>(
        &self,
        method: Method,
        uri: &str,
        token: Option<String>,
        headers: Headers,
        send: impl Fn(Option<String>, Headers) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let (Some(prover), Some(token)) = (&self.prover, &token) else {
            return send(token, headers).await;
        };
        let url = Url::parse(uri).map_err(io::Error::other)?;
        let shown = |method: &Method| show(prover, method, &url, token);
        let with = |shown: Shown| headers.clone().into_iter().chain(shown).collect();
        let refused = match send(None, with(shown(&method)?)).await {
            Err(StreamableHttpError::AuthRequired(refused)) => refused,
            other => return other,
        };
        // The answer's own header does not come through; so the server is asked for its nonce with a message that does nothing.
        let learned = may_want_nonce(&refused.www_authenticate_header) && {
            let knock = HeaderMap::from_iter(shown(&Method::POST)?);
            let answer = self.http.knock(&url, knock).await;
            answer.is_ok_and(|answer| prover.learn(&url, &answer.headers))
        };
        if !learned {
            return Err(StreamableHttpError::AuthRequired(refused));
        }
        send(None, with(shown(&method)?)).await
    }
}

/// The headers that show a bound token.
fn show(prover: &Prover, method: &Method, url: &Url, token: &str) -> Result<Shown, Failure> {
    let authorization = HeaderValue::from_str(&format!("DPoP {token}"));
    let mut authorization = authorization.map_err(io::Error::other)?;
    authorization.set_sensitive(true);
    let proof = prover.prove(method, url, Some(token));
    let proof = proof.map_err(io::Error::other)?;
    Ok([(header::AUTHORIZATION, authorization), (DPOP, proof)])
}

/// Whether a refusal asks for a nonce, as far as the first of its challenges shows.
fn may_want_nonce(challenge: &str) -> bool {
    WwwAuthenticate::parse_dpop(challenge)
        .is_none_or(|challenge| challenge.error == Some(OAuthErrorCode::UseDpopNonce))
}

fn usual_event_size() -> usize {
    StreamableHttpClientTransportConfig::default().max_sse_event_size
}

impl StreamableHttpClient for Courier {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        token: Option<String>,
        headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let size = usual_event_size();
        self.post_message_with_max_sse_event_size(uri, message, session_id, token, headers, size)
            .await
    }

    async fn post_message_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        token: Option<String>,
        headers: Headers,
        size: usize,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        self.carry(Method::POST, &uri, token, headers, |token, headers| {
            let (uri, session_id, message) = (Arc::clone(&uri), session_id.clone(), message.clone());
            self.client
                .post_message_with_max_sse_event_size(uri, message, session_id, token, headers, size)
        })
        .await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        token: Option<String>,
        headers: Headers,
    ) -> Result<(), Failure> {
        self.carry(Method::DELETE, &uri, token, headers, |token, headers| {
            let (uri, session_id) = (Arc::clone(&uri), Arc::clone(&session_id));
            self.client.delete_session(uri, session_id, token, headers)
        })
        .await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        token: Option<String>,
        headers: Headers,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        let size = usual_event_size();
        self.get_stream_with_max_sse_event_size(uri, session_id, last_event_id, token, headers, size)
            .await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        token: Option<String>,
        headers: Headers,
        size: usize,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        self.carry(Method::GET, &uri, token, headers, |token, headers| {
            let (uri, session_id, last) = (Arc::clone(&uri), session_id.clone(), last_event_id.clone());
            self.client
                .get_stream_with_max_sse_event_size(uri, session_id, last, token, headers, size)
        })
        .await
    }
}
