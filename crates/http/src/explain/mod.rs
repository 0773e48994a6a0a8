//! The outermost layer of an endpoint: names the request, bounds its time, catches its panic, and writes out what failed.
//!
//! Handlers answer failures as bare responses that carry a [`Fault`], a [`Refusal`] or a [`Problem`] along. Only here is it
//! known who reads the answer and by which name the log knows the request.

mod layer;

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use vestibule_broker::{Broker, ClientAddress, Entropy, Limited};
use vestibule_protocol::{ErrorBody, OAuthErrorCode};
use vestibule_telemetry::RequestId;

pub(crate) use self::layer::ExplainLayer;
use crate::caller::Callers;
use crate::failure::{Fault, FaultKind, Problem, Refusal, SOON, name_limit};
use crate::page::{Frame, ProblemPage};
use crate::respond::{self, DPOP_NONCE, NO_STORE};

/// Who reads the answers of an endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    /// A program: failures are JSON.
    Program,
    /// A person: failures are pages.
    Person,
}

/// What the layer needs.
pub(crate) struct Explainer {
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) broker: Arc<Broker>,
    pub(crate) callers: Arc<Callers>,
    pub(crate) frame: Arc<Frame>,
}

impl Explainer {
    /// The layer for endpoints with such readers.
    pub(crate) fn layer(self: &Arc<Self>, reader: Reader) -> ExplainLayer {
        ExplainLayer {
            explainer: Arc::clone(self),
            reader,
        }
    }

    fn explain(&self, reader: Reader, caller: ClientAddress, response: Response, id: RequestId) -> Response {
        match reader {
            Reader::Program => self.to_program(caller, response, id),
            Reader::Person => self.to_person(response, id),
        }
    }

    fn to_program(&self, caller: ClientAddress, mut response: Response, id: RequestId) -> Response {
        if let Some(fault) = taken::<Fault>(&mut response) {
            log(&fault);
            fault_body(&fault, id)
        } else if let Some(refusal) = taken::<Refusal>(&mut response) {
            match self.count(caller, &refusal) {
                Ok(()) => self.refusal_body(refusal, response),
                Err(limited) => self.refusal_body(limited.into(), Response::default()),
            }
        } else {
            response
        }
    }

    fn to_person(&self, mut response: Response, id: RequestId) -> Response {
        let fault = taken::<Fault>(&mut response);
        let problem = match &fault {
            Some(fault) => {
                log(fault);
                Some(Problem::from(fault))
            }
            None => taken::<Problem>(&mut response),
        };
        let Some(problem) = problem else {
            return response;
        };
        if let Some(cause) = &problem.cause {
            tracing::warn!(cause, code = problem.code, "a page told of a problem");
        }
        let page = ProblemPage {
            frame: &self.frame,
            code: problem.code,
            title: problem.title,
            what: &problem.what,
            remedy: problem.remedy,
            again: problem.retry.as_ref().and_then(|retry| retry.at.as_deref()),
            correlation: id.as_str(),
        };
        let written = respond::page_with(problem.status, &page);
        let mut response = keeping_headers(response, written);
        retry(&mut response, problem.retry.as_ref().map(|retry| retry.after));
        if let Some(limited) = problem.retry.as_ref().and_then(|retry| retry.limited.as_ref()) {
            name_limit(&mut response, limited);
        }
        response
    }

    /// Counts a refusal against the caller, unless it is one for coming too often already, the answer to a device that does
    /// nothing but wait, or the way in which a client is given a nonce.
    fn count(&self, caller: ClientAddress, refusal: &Refusal) -> Result<(), Limited> {
        let asks_again = matches!(
            refusal.code,
            OAuthErrorCode::AuthorizationPending | OAuthErrorCode::UseDpopNonce
        );
        if refusal.limited.is_some() || asks_again {
            return Ok(());
        }
        self.broker.count_failure(caller)
    }

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
        if let Some(limited) = &refusal.limited {
            name_limit(&mut response, limited);
        }
        if let Some(challenge) = refusal.challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(nonce) = refusal.dpop_nonce.and_then(|nonce| nonce.parse().ok()) {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        response
    }
}

fn log(fault: &Fault) {
    tracing::error!(cause = fault.cause, "a request failed");
}

fn fault_body(fault: &Fault, id: RequestId) -> Response {
    let (description, retry_after) = match fault.kind {
        FaultKind::Unavailable => ("The server cannot answer just now. Try again.", Some(SOON)),
        FaultKind::Broken => ("The server failed.", None),
    };
    let body = ErrorBody {
        error: fault.code(),
        error_description: Some(format!(
            "{description} The operator's log knows this request as {id}."
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
