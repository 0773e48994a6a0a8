//! Traces that outlast a request: one attempt, from authorize to the first use, in as many requests as it takes.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use vestibule_protocol::SessionId;

use crate::request::{know_trace, known_trace};

static TRACING: OnceLock<Incoming> = OnceLock::new();

/// What becomes of a `traceparent` that a request brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Incoming {
    /// It is passed over: anybody can send one.
    #[default]
    Ignore,
    /// The request continues that trace: whoever is before the broker vouches for it.
    Continue,
}

/// From here on spans are exported.
pub(crate) fn begin(incoming: Incoming) {
    TRACING.get_or_init(|| incoming);
}

/// Whether spans are exported.
pub fn is_tracing() -> bool {
    TRACING.get().is_some()
}

/// Notes that the request that is being answered here is about this session.
pub fn note_session(sid: &SessionId) {
    if is_tracing() {
        Span::current().set_attribute("vestibule.sid", sid.as_str().to_owned());
    }
}

/// A span, as later requests of the same attempt know it: kept in records, and written as a `traceparent`
/// ([Trace Context §3.2](https://www.w3.org/TR/trace-context/#traceparent-header)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

impl TraceContext {
    /// The span of the request that is being answered here; none where nothing is traced. From here on the request cannot
    /// [join](Self::join) another trace.
    pub fn current() -> Option<Self> {
        TRACING.get()?;
        let context = Span::current().context();
        let current = Self::of(context.span().span_context())?;
        know_trace(current);
        Some(current)
    }

    /// Puts the request that is being answered here under this span. One whose own span is known already is linked to it.
    pub fn join(self) {
        if TRACING.get().is_none() {
            return;
        }
        let span = Span::current();
        if span.set_parent(self.remote()).is_ok() {
            Self::current();
        } else {
            span.add_link(self.span_context());
        }
    }

    /// Lets the request that is being answered here point to this span, from a trace of its own.
    pub fn link(self) {
        if TRACING.get().is_some() {
            Span::current().add_link(self.span_context());
        }
    }

    /// Lets `span` continue the trace that its request brought along, where that is to be done.
    pub fn continue_in(traceparent: &str, span: &Span) {
        if TRACING.get() != Some(&Incoming::Continue) {
            return;
        }
        if let Ok(brought) = traceparent.parse::<Self>() {
            // Nobody has asked for the span's context yet, so that it has no other parent.
            let _ = span.set_parent(brought.remote());
        }
    }

    /// The trace of the request that is being answered here, as far as it is known.
    pub(crate) fn known() -> Option<Self> {
        known_trace()
    }

    /// The trace's id, in hexadecimal.
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        self.trace
    }

    pub(crate) fn span_context(self) -> SpanContext {
        SpanContext::new(self.trace, self.span, self.flags, true, TraceState::NONE)
    }

    fn remote(self) -> Context {
        Context::new().with_remote_span_context(self.span_context())
    }

    fn of(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| Self {
            trace: context.trace_id(),
            span: context.span_id(),
            flags: context.trace_flags(),
        })
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, flags } = self;
        write!(f, "00-{trace}-{span}-{:02x}", flags.to_u8())
    }
}

impl From<TraceContext> for String {
    fn from(context: TraceContext) -> Self {
        context.to_string()
    }
}

impl TryFrom<String> for TraceContext {
    type Error = NotATraceparent;

    fn try_from(text: String) -> Result<Self, NotATraceparent> {
        text.parse()
    }
}

impl FromStr for TraceContext {
    type Err = NotATraceparent;

    fn from_str(text: &str) -> Result<Self, NotATraceparent> {
        let mut parts = text.split('-');
        let mut next = |digits: usize| {
            let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(lower))
                .ok_or(NotATraceparent)
        };
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        // A later version may say more behind these four.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return Err(NotATraceparent);
        }
        let context = SpanContext::new(
            TraceId::from_hex(trace).map_err(|_| NotATraceparent)?,
            SpanId::from_hex(span).map_err(|_| NotATraceparent)?,
            TraceFlags::new(u8::from_str_radix(flags, 16).map_err(|_| NotATraceparent)?)
                & TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        );
        Self::of(&context).ok_or(NotATraceparent)
    }
}

/// The text is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a traceparent")]
pub struct NotATraceparent;

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_no_traceparent_is_refused() {
        for text in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(NotATraceparent), "{text}");
        }
    }

    #[test]
    fn a_context_is_read_as_it_was_written() {
        let context: TraceContext = EXAMPLE.parse().unwrap();
        assert_eq!(context.to_string(), EXAMPLE);
        let json = serde_json::to_string(&context).unwrap();
        assert_eq!(json, format!("\"{EXAMPLE}\""));
        assert_eq!(serde_json::from_str::<TraceContext>(&json).unwrap(), context);
    }

    #[test]
    fn where_nothing_is_traced_there_is_no_context() {
        assert_eq!(TraceContext::current(), None);
    }
}
