use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body::Frame;
use vestibule_protocol::Timestamp;

use crate::clock::Clock;
use crate::verification::Verified;

/// How long an answer that streams may go on: no longer than the session of the token that asked for it.
#[derive(Clone)]
pub(crate) struct Lease {
    verified: Verified,
    /// When it ends at the latest, if it is the kind of stream that is opened to wait for things to come.
    until: Option<Timestamp>,
    look_every: Duration,
    clock: Arc<dyn Clock>,
}

impl Lease {
    pub(crate) fn new(
        verified: Verified,
        until: Option<Timestamp>,
        look_every: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            verified,
            until,
            look_every,
            clock,
        }
    }

    /// Ends the answer's stream when the lease is over. An answer that is no stream is left alone.
    pub(crate) fn limit(self, answer: Response<Body>) -> Response<Body> {
        if !is_event_stream(answer.headers().get(CONTENT_TYPE)) {
            return answer;
        }
        answer.map(|stream| {
            Body::new(LeasedBody {
                stream,
                over: Box::pin(self.over()),
            })
        })
    }

    async fn over(self) {
        loop {
            tokio::time::sleep(self.look_every).await;
            let now = self.clock.now();
            if self.until.is_some_and(|until| now >= until) || self.verified.has_been_revoked(now).await {
                return;
            }
        }
    }
}

/// A stream that ends when its lease does.
struct LeasedBody {
    stream: Body,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl HttpBody for LeasedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.stream).poll_frame(cx)
    }
}

fn is_event_stream(content_type: Option<&HeaderValue>) -> bool {
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}
