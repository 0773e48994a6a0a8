//! The layer itself. It is a service of its own and not a function between handlers: every request of every endpoint passes
//! through it, and this way it costs one box.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::HeaderName;
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::{Explainer, Reader};
use crate::correlation::Correlation;
use crate::failure::Fault;

/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
        let correlation = Correlation::draw(&*explainer.entropy);
        // The route's pattern, never the address itself: that can hold tickets and codes.
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let span = tracing::debug_span!("request", %correlation, method = %request.method(), route);
        let caller = explainer.callers.of(request.headers(), request.extensions());
        let answer = span.in_scope(|| self.inner.call(request));
        let guarded = AssertUnwindSafe(tokio::time::timeout(LONGEST, answer)).catch_unwind();
        let explained = async move {
            let response = match guarded.await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(_)) => Fault::unavailable("the request took longer than 30 s").into_response(),
                Err(panic) => Fault::broken(format!("a panic: {}", message(&*panic))).into_response(),
            };
            let mut response = explainer.explain(reader, caller, response, &correlation);
            if let Some(value) = correlation.header() {
                response.headers_mut().insert(REQUEST_ID, value);
            }
            Ok(response)
        };
        Box::pin(explained.instrument(span))
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
