use std::io::{IsTerminal as _, stderr};

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line, for a log collector.
    Json,
}

/// Sends this process's log and audit lines to standard error.
///
/// `filter` is a directive such as `info` or `warn,audit=info`. It may be called once in a process.
///
/// # Errors
/// [`InitError`] when the filter cannot be read or something was set up before.
pub fn init(format: LogFormat, filter: &str) -> Result<(), InitError> {
    let filter = EnvFilter::builder().parse(filter).map_err(InitError::Filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    let installed = match format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    installed.map_err(|_| InitError::AlreadySet)
}

/// Why logging could not be set up.
#[derive(Debug, Error)]
pub enum InitError {
    /// The filter is not one.
    #[error("the log filter cannot be read: {0}; write a level such as `info`, or `warn,audit=info`")]
    Filter(#[source] ParseError),
    /// Logging was set up before.
    #[error("logging is already set up in this process")]
    AlreadySet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_sets_nothing_up() {
        let refused = init(LogFormat::Text, "vestibule=loud").expect_err("a refusal");
        assert!(matches!(refused, InitError::Filter(_)));
        assert!(
            refused.to_string().contains("write a level such as `info`"),
            "{refused}"
        );
    }
}
