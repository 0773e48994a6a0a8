//! A collector: OTLP over HTTP, read with the official protobufs.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::task::AbortHandle;

use crate::wire::spawn;

/// A running collector, ended when it is dropped. It listens on this machine alone.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    received: Received,
    server: AbortHandle,
}

type Received = Arc<Mutex<Everything>>;

/// All that a collector was sent.
#[derive(Debug, Default)]
struct Everything {
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
    headers: Vec<HeaderMap>,
}

impl Collector {
    /// Starts a collector.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener that waits for nobody");
        let address = listener.local_addr().expect("a bound listener has an address");
        let received = Received::default();
        let router = Router::new()
            .route("/v1/traces", post(take_traces))
            .route("/v1/metrics", post(take_metrics))
            .route("/v1/logs", post(take_logs))
            .with_state(received.clone());
        let server = spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is taken over");
            axum::serve(listener, router).await.expect("the collector serves");
        });
        Self {
            address,
            received,
            server,
        }
    }

    /// Where the broker is to send.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The spans that were received so far.
    pub fn spans(&self) -> Vec<Span> {
        let all = self.everything();
        let resources = all.traces.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The metrics that were received so far; a later export of one follows an earlier.
    pub fn metrics(&self) -> Vec<Metric> {
        let all = self.everything();
        let resources = all.metrics.iter().flat_map(|request| &request.resource_metrics);
        let scopes = resources.flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| scope.metrics.clone()).collect()
    }

    /// The log records that were received so far.
    pub fn logs(&self) -> Vec<LogRecord> {
        let all = self.everything();
        let resources = all.logs.iter().flat_map(|request| &request.resource_logs);
        let scopes = resources.flat_map(|resource| &resource.scope_logs);
        scopes.flat_map(|scope| scope.log_records.clone()).collect()
    }

    /// The attributes of the process that sent spans.
    pub fn resource(&self) -> Vec<KeyValue> {
        let all = self.everything();
        let resources = all.traces.iter().flat_map(|request| &request.resource_spans);
        let attributes = resources.filter_map(|spans| spans.resource.clone());
        attributes.flat_map(|resource| resource.attributes).collect()
    }

    /// The values of a header of the requests that were received.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let all = self.everything();
        let values = all.headers.iter().filter_map(|headers| headers.get(name));
        values
            .map(|value| value.to_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Everything that was received, written out.
    pub fn text(&self) -> String {
        format!("{:?}", self.everything())
    }

    fn everything(&self) -> MutexGuard<'_, Everything> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The value of an attribute, as text.
pub fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    shown(found.value.as_ref()?)
}

fn shown(value: &AnyValue) -> Option<String> {
    Some(match value.value.as_ref()? {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(flag) => flag.to_string(),
        other => format!("{other:?}"),
    })
}

async fn take_traces(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).expect("an export of traces");
    let mut all = received.lock().unwrap_or_else(PoisonError::into_inner);
    all.traces.push(request);
    all.headers.push(headers);
}

async fn take_metrics(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body).expect("an export of metrics");
    let mut all = received.lock().unwrap_or_else(PoisonError::into_inner);
    all.metrics.push(request);
    all.headers.push(headers);
}

async fn take_logs(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
    let request = ExportLogsServiceRequest::decode(body).expect("an export of logs");
    let mut all = received.lock().unwrap_or_else(PoisonError::into_inner);
    all.logs.push(request);
    all.headers.push(headers);
}

/// A collector that takes connections and never answers.
#[derive(Debug)]
pub struct DeafCollector(TcpListener);

impl DeafCollector {
    /// Starts one.
    pub fn start() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
    }

    /// Where the broker is to send.
    pub fn url(&self) -> String {
        let address = self.0.local_addr().expect("a bound listener has an address");
        format!("http://{address}")
    }
}
