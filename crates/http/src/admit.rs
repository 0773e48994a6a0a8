//! A layer that asks before an endpoint does: whoever comes too often is told so, and nothing else is done for them.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::future::Either;
use tower::{Layer, Service};
use vestibule_broker::Limited;

use crate::caller::Callers;
use crate::failure::{Problem, limited_document};

/// What is behind the door.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate {
    /// Published documents.
    Documents,
    /// Pages.
    Pages,
}

/// Puts [`Admit`] around endpoints.
#[derive(Clone)]
pub(crate) struct AdmitLayer {
    pub(crate) callers: Arc<Callers>,
    pub(crate) gate: Gate,
}

impl AdmitLayer {
    fn admit(&self, request: &Request) -> Result<(), Limited> {
        let caller = self.callers.of(request.headers(), request.extensions());
        match self.gate {
            Gate::Documents => self.callers.broker().admit_reader(caller),
            Gate::Pages => self.callers.broker().admit_visitor(caller),
        }
    }

    fn refuse(&self, limited: Limited) -> Response {
        match self.gate {
            Gate::Documents => limited_document(limited),
            Gate::Pages => Problem::from(limited).into_response(),
        }
    }
}

impl<S> Layer<S> for AdmitLayer {
    type Service = Admit<S>;

    fn layer(&self, inner: S) -> Admit<S> {
        Admit {
            inner,
            layer: self.clone(),
        }
    }
}

/// An endpoint that answers no more often than it should.
#[derive(Clone)]
pub(crate) struct Admit<S> {
    inner: S,
    layer: AdmitLayer,
}

impl<S> Service<Request> for Admit<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, Ready<Result<Response, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.layer.admit(&request) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(limited) => Either::Right(ready(Ok(self.layer.refuse(limited)))),
        }
    }
}
