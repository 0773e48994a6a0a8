use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::admission::{Admission, Door};
use crate::guard::Inner;

/// Puts a [`Guard`](crate::Guard) in front of a service: an axum router or route, or an MCP SDK's own service.
#[derive(Clone)]
pub struct GuardLayer {
    guard: Arc<Inner>,
    door: Arc<Door>,
}

impl GuardLayer {
    pub(crate) fn new(guard: Arc<Inner>, door: Door) -> Self {
        Self {
            guard,
            door: Arc::new(door),
        }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, service: S) -> GuardService<S> {
        GuardService {
            layer: self.clone(),
            service,
        }
    }
}

/// A service behind the guard.
#[derive(Clone)]
pub struct GuardService<S> {
    layer: GuardLayer,
    service: S,
}

impl<S, B, R> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<Body>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let next = self.service.clone();
        // The one that was polled ready is the one to call.
        let mut service = mem::replace(&mut self.service, next);
        let GuardLayer { guard, door } = self.layer.clone();
        Box::pin(async move {
            match guard.admit(&door, request.map(Body::new)).await {
                Admission::Answered(answer) => Ok(answer),
                Admission::Admitted(request, visit) => {
                    let answer = service.call(request).await?;
                    Ok(guard.see_off(visit, answer.map(Body::new)))
                }
            }
        })
    }
}
