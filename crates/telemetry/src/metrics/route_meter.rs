use std::sync::OnceLock;

use opentelemetry::KeyValue;

use super::{Stopwatch, metrics};

/// How many pairs of method and status a route keeps labels for; of more, the labels are made anew each time.
const SLOTS: usize = 16;

/// Measures the requests of one route. Labels are made once for each method and status, not for each request.
#[derive(Debug, Default)]
pub struct RouteMeter {
    slots: [OnceLock<Slot>; SLOTS],
}

#[derive(Debug)]
struct Slot {
    method: &'static str,
    status: u16,
    labels: Vec<KeyValue>,
}

impl RouteMeter {
    /// Records one answered request. `route` is the pattern of the route, not the path; `method` is a known one or `_OTHER`.
    pub fn record(
        &self,
        scheme: &'static str,
        method: &'static str,
        route: Option<&str>,
        status: u16,
        took: &Stopwatch,
    ) {
        let Some(metrics) = metrics() else { return };
        let seconds = took.seconds();
        let make = || Slot {
            method,
            status,
            labels: labels(scheme, method, route, status),
        };
        for slot in &self.slots {
            let slot = slot.get_or_init(make);
            if slot.method == method && slot.status == status {
                metrics.requests.record(seconds, &slot.labels);
                return;
            }
        }
        metrics.requests.record(seconds, &make().labels);
    }
}

/// The attributes of `http.server.request.duration`
/// ([semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-metrics/)), in the order of their names.
fn labels(scheme: &'static str, method: &'static str, route: Option<&str>, status: u16) -> Vec<KeyValue> {
    let error = (status >= 500).then(|| KeyValue::new("error.type", status.to_string()));
    let route = route.map(|route| KeyValue::new("http.route", route.to_owned()));
    error
        .into_iter()
        .chain([KeyValue::new("http.request.method", method)])
        .chain([KeyValue::new("http.response.status_code", i64::from(status))])
        .chain(route)
        .chain([KeyValue::new("url.scheme", scheme)])
        .collect()
}
