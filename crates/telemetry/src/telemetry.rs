use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::Registry;
use thiserror::Error;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::audit::{self, AuditSink, OpenAuditError};
use crate::logs::LogSettings;
use crate::otlp::{self, Export, Signal};
use crate::resource::resource;
use crate::scrape::Scrape;
use crate::{metrics, trace};

/// How long a collector that does not answer may hold up the end of the process.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a process tells of itself, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The log.
    pub logs: LogSettings,
    /// Where security events go.
    pub audit: Vec<AuditSink>,
    /// Whether Prometheus may read what is counted.
    pub scraped: bool,
    /// What goes to a collector.
    pub export: Option<Export>,
    /// Which of several replicas this process is.
    pub instance: String,
}

impl Settings {
    /// A log, and nothing else.
    pub fn of_logs(logs: LogSettings) -> Self {
        Self {
            logs,
            audit: vec![AuditSink::Log],
            scraped: false,
            export: None,
            instance: String::new(),
        }
    }
}

/// What a process tells of itself, while it runs.
#[derive(Debug)]
pub struct Telemetry {
    scrape: Option<Scrape>,
    tracer: Option<SdkTracerProvider>,
    meter: Option<SdkMeterProvider>,
    logger: Option<SdkLoggerProvider>,
}

impl Telemetry {
    /// Begins to tell. It may be called once in a process, before anything else is put together.
    ///
    /// # Errors
    /// [`StartError`] says which setting is in the way.
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let Settings {
            logs,
            audit,
            scraped,
            export,
            instance,
        } = settings;
        let sends = |signal| export.as_ref().filter(|export| export.sends(signal));
        let log = logs.layer(audit.contains(&AuditSink::Log))?;
        let tracer = sends(Signal::Traces)
            .map(|export| export.tracer(instance))
            .transpose()?;
        let logger = sends(Signal::Logs)
            .map(|export| export.logger(instance))
            .transpose()?;
        let records = logger
            .as_ref()
            .map(|logger| otlp::log_layer(logger, &logs.filter_for(audit.contains(&AuditSink::Otlp))))
            .transpose()?;
        audit::open(audit)?;
        tracing_subscriber::registry()
            .with(tracer.as_ref().map(otlp::span_layer))
            .with(records)
            .with(log)
            .try_init()
            .map_err(|_| StartError::AlreadyStarted)?;
        if let Some(export) = export.as_ref().filter(|_| tracer.is_some()) {
            trace::begin(export.incoming);
        }
        let (meter, scrape) = readers(*scraped, sends(Signal::Metrics), instance)?;
        if let Some(meter) = &meter {
            metrics::install(meter.clone());
            audit::begin_counts();
        }
        Ok(Self {
            scrape,
            tracer,
            meter,
            logger,
        })
    }

    /// What Prometheus reads, if it may.
    pub fn scrape(&self) -> Option<&Scrape> {
        self.scrape.as_ref()
    }

    /// Sends what has not been sent. A collector that does not answer is given up after some seconds. Call it when nothing is
    /// served any more; it blocks.
    pub fn finish(self) {
        let Self {
            scrape: _,
            tracer,
            meter,
            logger,
        } = self;
        let (done, waiting) = mpsc::channel();
        let mut open = 0;
        let mut finish = |signal: Signal, shutdown: Box<dyn FnOnce() -> bool + Send>| {
            let done = done.clone();
            open += 1;
            thread::spawn(move || done.send((signal, shutdown())));
        };
        if let Some(tracer) = tracer {
            finish(
                Signal::Traces,
                Box::new(move || tracer.shutdown_with_timeout(LAST_WORDS).is_ok()),
            );
        }
        if let Some(meter) = meter {
            finish(
                Signal::Metrics,
                Box::new(move || meter.shutdown_with_timeout(LAST_WORDS).is_ok()),
            );
        }
        if let Some(logger) = logger {
            finish(
                Signal::Logs,
                Box::new(move || logger.shutdown_with_timeout(LAST_WORDS).is_ok()),
            );
        }
        for _ in 0..open {
            match waiting.recv_timeout(LAST_WORDS) {
                Ok((_, true)) => {}
                Ok((signal, false)) => {
                    tracing::warn!(signal = signal.as_str(), "the last of it could not be sent");
                }
                Err(_) => {
                    tracing::warn!("the collector does not answer; what was not sent is lost");
                    return;
                }
            }
        }
    }
}

/// Who reads the metrics, and a meter if anybody does.
fn readers(
    scraped: bool,
    export: Option<&Export>,
    instance: &str,
) -> Result<(Option<SdkMeterProvider>, Option<Scrape>), StartError> {
    if !scraped && export.is_none() {
        return Ok((None, None));
    }
    let mut meter = SdkMeterProvider::builder().with_resource(resource(instance));
    if let Some(export) = export {
        meter = meter.with_periodic_exporter(export.metrics()?);
    }
    let mut scrape = None;
    if scraped {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false);
        let exporter = exporter
            .build()
            .map_err(|error| StartError::Metrics(error.to_string()))?;
        meter = meter.with_reader(exporter);
        scrape = Some(Scrape::of(registry));
    }
    Ok((Some(meter.build()), scrape))
}

/// Why a process cannot tell of itself.
#[derive(Debug, Error)]
pub enum StartError {
    /// The filter is not one.
    #[error("the log filter cannot be read: {0}; write a level such as `info`, or `warn,audit=info`")]
    Filter(#[from] ParseError),
    /// The audit log cannot be opened.
    #[error(transparent)]
    Audit(#[from] OpenAuditError),
    /// The metrics cannot be set up.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(String),
    /// The collector cannot be spoken to.
    #[error(
        "the collector cannot be spoken to: {0}; look at [telemetry] and the variables that begin with OTEL_EXPORTER_OTLP_"
    )]
    Export(#[from] ExporterBuildError),
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
