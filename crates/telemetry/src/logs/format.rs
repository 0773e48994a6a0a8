//! Every line of the log names the request that it belongs to, if there is one.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::LogFormat;
use crate::request::RequestId;
use crate::trace::TraceContext;

/// A format, with the request's name and its trace's id at the end of each line.
pub(super) struct InRequest<F> {
    pub(super) format: LogFormat,
    pub(super) inner: F,
}

impl<S, N, F> FormatEvent<S, N> for InRequest<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(request) = RequestId::current() else {
            return self.inner.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.inner.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end();
        let trace = TraceContext::known();
        match self.format {
            LogFormat::Text => {
                write!(writer, "{line} request_id={request}")?;
                if let Some(trace) = trace {
                    write!(writer, " trace_id={}", trace.trace_id())?;
                }
                writeln!(writer)
            }
            LogFormat::Json => {
                let open = line.strip_suffix('}').unwrap_or(line);
                write!(writer, "{open},\"request_id\":\"{request}\"")?;
                if let Some(trace) = trace {
                    write!(writer, ",\"trace_id\":\"{}\"", trace.trace_id())?;
                }
                writeln!(writer, "}}")
            }
        }
    }
}
