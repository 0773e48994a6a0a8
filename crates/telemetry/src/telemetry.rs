use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;
use thiserror::Error;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::logs::LogSettings;
use crate::metrics;
use crate::resource::resource;
use crate::scrape::Scrape;

/// What a process tells of itself, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The log.
    pub logs: LogSettings,
    /// Whether Prometheus may read what is counted.
    pub scraped: bool,
}

impl Settings {
    /// A log, and nothing else.
    pub fn of_logs(logs: LogSettings) -> Self {
        Self { logs, scraped: false }
    }
}

/// What a process tells of itself, while it runs.
#[derive(Debug)]
pub struct Telemetry {
    scrape: Option<Scrape>,
}

impl Telemetry {
    /// Begins to tell. It may be called once in a process, before anything else is put together.
    ///
    /// # Errors
    /// [`StartError`] when the log's filter cannot be read or something was set up before.
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let log = settings.logs.layer().map_err(StartError::Filter)?;
        tracing_subscriber::registry()
            .with(log)
            .try_init()
            .map_err(|_| StartError::AlreadyStarted)?;
        let mut readers = SdkMeterProvider::builder().with_resource(resource());
        let mut scrape = None;
        if settings.scraped {
            let registry = Registry::new();
            let exporter = opentelemetry_prometheus::exporter()
                .with_registry(registry.clone())
                .scope_info_enabled(false);
            readers = readers.with_reader(
                exporter
                    .build()
                    .map_err(|error| StartError::Metrics(error.to_string()))?,
            );
            scrape = Some(Scrape::of(registry));
        }
        if scrape.is_some() {
            metrics::install(readers.build());
        }
        Ok(Self { scrape })
    }

    /// What Prometheus reads, if it may.
    pub fn scrape(&self) -> Option<&Scrape> {
        self.scrape.as_ref()
    }
}

/// Why a process cannot tell of itself.
#[derive(Debug, Error)]
pub enum StartError {
    /// The filter is not one.
    #[error("the log filter cannot be read: {0}; write a level such as `info`, or `warn,audit=info`")]
    Filter(#[source] ParseError),
    /// The metrics cannot be set up.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(String),
    /// Something was set up before.
    #[error("telemetry is already set up in this process")]
    AlreadyStarted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_sets_nothing_up() {
        let settings = Settings::of_logs(LogSettings::text("vestibule=loud"));
        let refused = Telemetry::start(&settings).expect_err("a refusal");
        assert!(matches!(refused, StartError::Filter(_)));
        assert!(
            refused.to_string().contains("write a level such as `info`"),
            "{refused}"
        );
    }
}
