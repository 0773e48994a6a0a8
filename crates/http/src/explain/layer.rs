//! The layer itself. It is a service of its own and not a function between handlers: every request of every endpoint passes
//! through it, and this way it costs one box.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use vestibule_telemetry::{RequestId, TraceContext};

use super::{Explainer, Reader};
use crate::correlation;
use crate::failure::Fault;
use crate::measure::known_method;

/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Puts [`Explain`] around endpoints.
#[derive(Clone)]
pub(crate) struct ExplainLayer {
    pub(super) explainer: Arc<Explainer>,
    pub(super) reader: Reader,
}

impl<S> Layer<S> for ExplainLayer {
    type Service = Explain<S>;

    fn layer(&self, inner: S) -> Explain<S> {
        Explain {
            inner,
            layer: self.clone(),
        }
    }
}

/// An endpoint whose requests are named, bounded and explained.
#[derive(Clone)]
pub(crate) struct Explain<S> {
    inner: S,
    layer: ExplainLayer,
}

impl<S> Service<Request> for Explain<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let ExplainLayer { explainer, reader } = self.layer.clone();
        let id = correlation::draw(&*explainer.entropy);
        let span = request_span(id, &request);
        let caller = explainer.callers.of(request.headers(), request.extensions());
        let answer = span.in_scope(|| self.inner.call(request));
        let guarded = AssertUnwindSafe(tokio::time::timeout(LONGEST, answer)).catch_unwind();
        let answered = span.clone();
        let explained = async move {
            let response = match guarded.await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(_)) => Fault::unavailable("the request took longer than 30 s").into_response(),
                Err(panic) => Fault::broken(format!("a panic: {}", message(&*panic))).into_response(),
            };
            let mut response = explainer.explain(reader, caller, response, id);
            if let Some(value) = correlation::header(&id) {
                response.headers_mut().insert(REQUEST_ID, value);
            }
            note_status(&answered, response.status());
            Ok(response)
        };
        Box::pin(id.scope(explained).instrument(span))
    }
}

/// The span of a request ([semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/)), without its
/// path and query: those can hold tickets and codes.
fn request_span(id: RequestId, request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method = known_method(request.method());
    let span = tracing::debug_span!(
        "request",
        otel.name = %SpanName(method, route),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        "error.type" = Empty,
        "vestibule.request_id" = %id,
    );
    if span.is_disabled() {
        return span;
    }
    if let Some(Ok(traceparent)) = request.headers().get(TRACEPARENT).map(HeaderValue::to_str) {
        TraceContext::continue_in(traceparent, &span);
    }
    span
}

fn note_status(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", status.as_str());
    }
}

/// The name of a request's span: what is done where.
struct SpanName<'a>(&'static str, Option<&'a str>);

impl fmt::Display for SpanName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(method, Some(route)) => write!(f, "{method} {route}"),
            Self(method, None) => f.write_str(method),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
