//! Export to a collector: OTLP over HTTP, in protobuf.
//!
//! The exporters work on threads of their own, with a blocking client: an asynchronous one would need the runtime that is
//! gone when the last of it is to be sent. They take the operator's address as it is; nothing that a caller sends leads there.

use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{LogRecord as _, Severity};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig as _,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{BatchLogProcessor, LogProcessor, SdkLogRecord, SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{ParseError, filter_fn};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::request::RequestId;
use crate::resource::resource;
use crate::trace::{Incoming, TraceContext};

/// What goes to a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Where the collector is, without `/v1/traces` and the like; from the environment, when absent.
    pub endpoint: Option<String>,
    /// Which signals it is sent; never none.
    pub signals: Vec<Signal>,
    /// What becomes of a `traceparent` that a request brings along.
    pub incoming: Incoming,
}

/// What OpenTelemetry tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// What a request went through.
    Traces,
    /// What was counted and measured.
    Metrics,
    /// What was logged.
    Logs,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// Its name, as in OTLP's paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

impl Export {
    pub(crate) fn sends(&self, signal: Signal) -> bool {
        self.signals.contains(&signal)
    }

    fn endpoint(&self, signal: Signal) -> Option<String> {
        let base = self.endpoint.as_ref()?.trim_end_matches('/');
        Some(format!("{base}/v1/{}", signal.as_str()))
    }

    pub(crate) fn tracer(&self, instance: &str) -> Result<SdkTracerProvider, ExporterBuildError> {
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary);
        if let Some(endpoint) = self.endpoint(Signal::Traces) {
            exporter = exporter.with_endpoint(endpoint);
        }
        Ok(SdkTracerProvider::builder()
            .with_batch_exporter(exporter.build()?)
            .with_resource(resource(instance))
            .build())
    }

    pub(crate) fn metrics(&self) -> Result<MetricExporter, ExporterBuildError> {
        let mut exporter = MetricExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary);
        if let Some(endpoint) = self.endpoint(Signal::Metrics) {
            exporter = exporter.with_endpoint(endpoint);
        }
        exporter.build()
    }

    pub(crate) fn logger(&self, instance: &str) -> Result<SdkLoggerProvider, ExporterBuildError> {
        let mut exporter = LogExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary);
        if let Some(endpoint) = self.endpoint(Signal::Logs) {
            exporter = exporter.with_endpoint(endpoint);
        }
        Ok(SdkLoggerProvider::builder()
            .with_log_processor(InRequest(BatchLogProcessor::builder(exporter.build()?).build()))
            .with_resource(resource(instance))
            .build())
    }
}

/// The layer that makes spans: the house's own, and what went wrong on the way.
pub(crate) fn span_layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let of_ours = |metadata: &Metadata<'_>| {
        let told =
            *metadata.level() <= Level::WARN || metadata.target() == "vestibule_broker::store::measured";
        metadata.target().starts_with("vestibule") && (metadata.is_span() || told)
    };
    let layer: OpenTelemetryLayer<S, SdkTracer> = OpenTelemetryLayer::new(provider.tracer("vestibule"));
    layer
        // A request's span begins when it is known which trace it belongs to, not when it is entered.
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_filter(filter_fn(of_ours))
}

/// The layer that turns log lines into records, those of the exporters themselves apart: they would beget more of them.
pub(crate) fn log_layer<S>(
    provider: &SdkLoggerProvider,
    filter: &str,
) -> Result<impl Layer<S> + use<S>, ParseError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = format!("{filter},hyper=off,h2=off,reqwest=off,opentelemetry=off");
    let filter = EnvFilter::builder().parse(filter)?;
    let bridge: OpenTelemetryTracingBridge<SdkLoggerProvider, SdkLogger> =
        OpenTelemetryTracingBridge::new(provider);
    Ok(bridge.with_filter(filter))
}

/// Adds the request's name and its trace to each record.
#[derive(Debug)]
struct InRequest(BatchLogProcessor);

impl LogProcessor for InRequest {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if let Some(id) = RequestId::current() {
            record.add_attribute("vestibule.request_id", id.to_string());
        }
        if let Some(known) = TraceContext::known() {
            let context = known.span_context();
            record.set_trace_context(context.trace_id(), context.span_id(), Some(context.trace_flags()));
        }
        self.0.emit(record, scope);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.0.event_enabled(level, target, name)
    }
}
