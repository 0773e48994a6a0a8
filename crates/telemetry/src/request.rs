//! The request that a task answers, by which a person, the log, the audit log and the trace speak of the same thing.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::str;

use crate::trace::TraceContext;

/// A request's name: 16 hexadecimal digits, random, and never taken from the request itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

struct Request {
    id: RequestId,
    trace: Cell<Option<TraceContext>>,
}

tokio::task_local! {
    static REQUEST: Request;
}

impl RequestId {
    /// A name out of sixteen random bytes.
    pub fn of(random: [u8; 16]) -> Self {
        Self(random.map(|byte| match byte & 0xf {
            digit @ 0..=9 => b'0' + digit,
            letter => b'a' - 10 + letter,
        }))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Runs `answer` as the answer to this request: whatever it logs carries the request's name.
    pub fn scope<F: Future>(self, answer: F) -> impl Future<Output = F::Output> {
        let request = Request {
            id: self,
            trace: Cell::new(None),
        };
        REQUEST.scope(request, answer)
    }

    /// The request that is being answered here.
    pub fn current() -> Option<Self> {
        REQUEST.try_with(|request| request.id).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a trace the request that is being answered here is known to stand.
pub(crate) fn known_trace() -> Option<TraceContext> {
    REQUEST.try_with(|request| request.trace.get()).ok().flatten()
}

pub(crate) fn know_trace(context: TraceContext) {
    // Outside a request nobody asks.
    let _ = REQUEST.try_with(|request| request.trace.set(Some(context)));
}

/// Lets a task of its own count as part of the answer to the request that is being answered here.
pub fn in_this_request<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let id = RequestId::current();
    async move {
        match id {
            Some(id) => id.scope(task).await,
            None => task.await,
        }
    }
}
