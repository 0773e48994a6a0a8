//! The outermost layer of an endpoint: names the request, bounds its time, catches its panic, and writes out what failed.
//!
//! Handlers answer failures as bare responses that carry a [`Fault`], a [`Refusal`] or a [`Problem`] along. Only here is it
//! known who reads the answer and by which name the log knows the request.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::HeaderValue;
use http::header::{HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use tracing::Instrument as _;
use vestibule_broker::{Broker, Entropy};
use vestibule_protocol::ErrorBody;

use crate::correlation::Correlation;
use crate::failure::{Fault, FaultKind, Problem, Refusal, SOON};
use crate::page::{Frame, ProblemPage};
use crate::respond::{self, NO_STORE};

/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the layer needs.
#[derive(Clone)]
pub(crate) struct Explainer {
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) broker: Arc<Broker>,
    pub(crate) frame: Arc<Frame>,
}

/// For endpoints that programs call: failures are JSON.
pub(crate) async fn to_programs(
    State(explainer): State<Explainer>,
    request: Request,
    next: Next,
) -> Response {
    let correlation = Correlation::draw(&*explainer.entropy);
    let mut response = run(&correlation, request, next).await;
    if let Some(fault) = taken::<Fault>(&mut response) {
        log(&fault, &correlation);
        response = fault_body(&fault, &correlation);
    } else if let Some(refusal) = taken::<Refusal>(&mut response) {
        response = explainer.refusal_body(refusal, response);
    }
    named(response, &correlation)
}

/// For pages: failures are pages.
pub(crate) async fn to_people(State(explainer): State<Explainer>, request: Request, next: Next) -> Response {
    let correlation = Correlation::draw(&*explainer.entropy);
    let mut response = run(&correlation, request, next).await;
    let fault = taken::<Fault>(&mut response);
    let problem = match &fault {
        Some(fault) => {
            log(fault, &correlation);
            Some(Problem::from(fault))
        }
        None => taken::<Problem>(&mut response),
    };
    if let Some(problem) = problem {
        if let Some(cause) = &problem.cause {
            tracing::warn!(%correlation, cause, code = problem.code, "a page told of a problem");
        }
        let page = ProblemPage {
            frame: &explainer.frame,
            code: problem.code,
            title: problem.title,
            what: &problem.what,
            remedy: problem.remedy,
            again: problem.retry.as_ref().and_then(|retry| retry.at.as_deref()),
            correlation: correlation.as_str(),
        };
        let written = respond::page_with(problem.status, &page);
        response = keeping_headers(response, written);
        retry(&mut response, problem.retry.as_ref().map(|retry| retry.after));
    }
    named(response, &correlation)
}

impl Explainer {
    fn refusal_body(&self, refusal: Refusal, bare: Response) -> Response {
        let settings = self.broker.settings();
        let body = ErrorBody {
            error: refusal.code,
            error_description: Some(refusal.description),
            error_uri: settings
                .error_page
                .as_ref()
                .map(|page| format!("{page}#{}", refusal.code)),
        };
        let mut response = keeping_headers(bare, (refusal.status, NO_STORE, Json(body)).into_response());
        retry(&mut response, refusal.retry_after);
        if let Some(challenge) = refusal.challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Runs the request, so that whatever happens there is a response.
async fn run(correlation: &Correlation, request: Request, next: Next) -> Response {
    // The route's pattern, never the address itself: that can hold tickets and codes.
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let span = tracing::debug_span!("request", %correlation, method = %request.method(), route);
    let guarded = AssertUnwindSafe(tokio::time::timeout(LONGEST, next.run(request))).catch_unwind();
    match guarded.instrument(span).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Fault::unavailable("the request took longer than 30 s").into_response(),
        Err(panic) => Fault::broken(format!("a panic: {}", message(&*panic))).into_response(),
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

fn log(fault: &Fault, correlation: &Correlation) {
    tracing::error!(%correlation, cause = fault.cause, "a request failed");
}

fn fault_body(fault: &Fault, correlation: &Correlation) -> Response {
    let (description, retry_after) = match fault.kind {
        FaultKind::Unavailable => ("The server cannot answer just now. Try again.", Some(SOON)),
        FaultKind::Broken => ("The server failed.", None),
    };
    let body = ErrorBody {
        error: fault.code(),
        error_description: Some(format!(
            "{description} The operator's log knows this request as {correlation}."
        )),
        error_uri: None,
    };
    let mut response = (fault.status(), NO_STORE, Json(body)).into_response();
    retry(&mut response, retry_after);
    response
}

fn retry(response: &mut Response, after: Option<u64>) {
    if let Some(seconds) = after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn taken<T: Clone + Send + Sync + 'static>(response: &mut Response) -> Option<T> {
    response.extensions_mut().remove()
}

/// `written`, with those headers of `bare` that it does not set itself, such as `Allow` and `Set-Cookie`.
fn keeping_headers(bare: Response, mut written: Response) -> Response {
    let (parts, _) = bare.into_parts();
    for (name, value) in &parts.headers {
        if *name != http::header::CONTENT_LENGTH && !written.headers().contains_key(name) {
            written.headers_mut().append(name, value.clone());
        }
    }
    written
}

fn named(mut response: Response, correlation: &Correlation) -> Response {
    if let Some(value) = correlation.header() {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
