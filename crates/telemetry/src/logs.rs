//! The log: what happens, line by line, on standard error.

mod format;

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use self::format::InRequest;

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// How lines are written.
    pub format: LogFormat,
    /// Which events, as a directive such as `info` or `warn,audit=info`.
    pub filter: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line, for a log collector.
    Json,
}

impl LogSettings {
    /// Lines for a person.
    pub fn text(filter: impl Into<String>) -> Self {
        Self {
            format: LogFormat::Text,
            filter: filter.into(),
        }
    }

    /// The layer that writes lines to standard error; security events only where they are to stand there.
    pub(crate) fn layer<S>(&self, audited: bool) -> Result<impl Layer<S> + use<S>, ParseError>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let filter = EnvFilter::builder().parse(self.filter_for(audited))?;
        let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
        let format = self.format;
        let lines: Box<dyn Layer<S> + Send + Sync> = match format {
            LogFormat::Text => {
                let inner = tracing_subscriber::fmt::format().with_ansi(stderr().is_terminal());
                Box::new(lines.event_format(InRequest { format, inner }))
            }
            LogFormat::Json => {
                let inner = tracing_subscriber::fmt::format().json().flatten_event(true);
                Box::new(
                    lines
                        .fmt_fields(JsonFields::new())
                        .event_format(InRequest { format, inner }),
                )
            }
        };
        Ok(lines.with_filter(filter))
    }

    /// The filter, with security events in or out. Where they are in, a level such as `warn` keeps none of them back.
    pub(crate) fn filter_for(&self, audited: bool) -> String {
        let filter = &self.filter;
        if !audited {
            format!("{filter},audit=off")
        } else if filter.contains("audit") {
            filter.clone()
        } else {
            format!("{filter},audit=info")
        }
    }
}
