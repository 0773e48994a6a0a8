//! The layer that measures requests, around everything else that an endpoint does. Where nobody reads metrics it is a branch.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::Method;
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use vestibule_protocol::Issuer;
use vestibule_telemetry::{RouteMeter, Stopwatch, metrics};

/// Puts [`Measure`] around endpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MeasureLayer {
    scheme: &'static str,
}

impl MeasureLayer {
    /// The layer for a broker that the world reaches at `issuer`.
    pub(crate) fn of(issuer: &Issuer) -> Self {
        Self {
            scheme: if issuer.is_https() { "https" } else { "http" },
        }
    }
}

impl<S> Layer<S> for MeasureLayer {
    type Service = Measure<S>;

    fn layer(&self, inner: S) -> Measure<S> {
        Measure {
            inner,
            scheme: self.scheme,
            meter: metrics().map(|_| Arc::default()),
        }
    }
}

/// An endpoint whose requests are measured.
#[derive(Debug, Clone)]
pub(crate) struct Measure<S> {
    inner: S,
    scheme: &'static str,
    meter: Option<Arc<RouteMeter>>,
}

impl<S> Service<Request> for Measure<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Measured<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let under_way = self.meter.as_ref().map(|meter| UnderWay {
            stopwatch: Stopwatch::start(),
            meter: Arc::clone(meter),
            scheme: self.scheme,
            method: known_method(request.method()),
            route: request.extensions().get().cloned(),
        });
        Measured {
            answer: self.inner.call(request),
            under_way,
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
struct UnderWay {
    stopwatch: Stopwatch,
    meter: Arc<RouteMeter>,
    scheme: &'static str,
    method: &'static str,
    route: Option<MatchedPath>,
}

pin_project! {
    /// An answer that is measured.
    pub(crate) struct Measured<F> {
        #[pin]
        answer: F,
        under_way: Option<UnderWay>,
    }
}

impl<F, E> Future for Measured<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx));
        if let (Some(under_way), Ok(response)) = (this.under_way.take(), &answer) {
            under_way.meter.record(
                under_way.scheme,
                under_way.method,
                // The pattern, never the address itself: that can hold tickets and codes.
                under_way.route.as_ref().map(MatchedPath::as_str),
                response.status().as_u16(),
                &under_way.stopwatch,
            );
        }
        Poll::Ready(answer)
    }
}

/// > By default, this convention defines "known" methods as the ones listed in RFC9110 and the PATCH method […]. If the
/// > HTTP request method is not known to instrumentation, it MUST set the `http.request.method` attribute to `_OTHER`.
/// > ([semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-metrics/))
pub(crate) fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = [
        "GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE",
    ];
    let name = method.as_str();
    KNOWN.into_iter().find(|known| *known == name).unwrap_or("_OTHER")
}
