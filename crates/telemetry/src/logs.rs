//! The log: what happens, line by line, on standard error.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

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

    /// The layer that writes lines to standard error.
    pub(crate) fn layer<S>(&self) -> Result<impl Layer<S> + use<S>, ParseError>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let filter = EnvFilter::builder().parse(&self.filter)?;
        let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
        let lines: Box<dyn Layer<S> + Send + Sync> = match self.format {
            LogFormat::Text => Box::new(lines.with_ansi(stderr().is_terminal())),
            LogFormat::Json => Box::new(lines.json().flatten_event(true)),
        };
        Ok(lines.with_filter(filter))
    }
}
