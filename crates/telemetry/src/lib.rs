//! Tracing set-up and the audit log.
//!
//! Every crate above `jose` may write through this one; it knows the words of `protocol` and nothing else of the house, and
//! no crate hands it a string of its own making: what an [`AuditEvent`] can hold is named by the types that it takes, and none
//! of them is a secret.
//!
//! To add an audit event: a variant of [`AuditEvent`] and its line in `AuditEvent::line`.

mod audit;
mod logs;
mod metrics;
mod otlp;
mod request;
mod resource;
mod scrape;
mod telemetry;
mod trace;

pub use audit::{
    AdminAction, AdminTarget, AuditEvent, AuditSink, EndCause, LoginFailure, OpenAuditError, Operator,
};
pub use logs::{LogFormat, LogSettings};
pub use metrics::{
    ALL, Instrument, KeyAge, Kind, LimitMode, Metrics, Outcome, RouteMeter, Stopwatch, metrics,
};
pub use otlp::{Export, Signal};
pub use request::{RequestId, in_this_request};
pub use scrape::{Scrape, ScrapeError};
pub use telemetry::{Settings, StartError, Telemetry};
pub use trace::{Incoming, NotATraceparent, TraceContext, is_tracing, note_session};
