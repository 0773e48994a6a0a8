//! What is counted and measured.
//!
//! There is one set of instruments in a process, made when somebody is to read them; until then [`metrics`] is `None`, and a
//! measurement costs a branch. No label holds what a caller chose: each is a word of this code, a route's pattern, or an id
//! that the operator wrote down.
//!
//! To add an instrument: its description in `instrument.rs`, a field of [`Metrics`], a method that records, and a row in
//! `docs/telemetry.md`, which a test holds against the descriptions.

mod instrument;
mod route_meter;
mod stopwatch;

use std::sync::OnceLock;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;

pub use instrument::{ALL, Instrument, Kind};
pub use route_meter::RouteMeter;
pub use stopwatch::Stopwatch;

use instrument as of;

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// The instruments, if anybody reads them.
pub fn metrics() -> Option<&'static Metrics> {
    METRICS.get()
}

/// Makes the instruments of this process; those that were made before stay.
pub(crate) fn install(provider: SdkMeterProvider) {
    METRICS.get_or_init(|| Metrics::new(provider));
}

/// The instruments of this process.
#[derive(Debug)]
pub struct Metrics {
    meter: Meter,
    /// Whose end would be that of the instruments.
    _provider: SdkMeterProvider,
    requests: Histogram<f64>,
    grants: Counter<u64>,
    events: Counter<u64>,
    logins: Counter<u64>,
    sessions_ended: Counter<u64>,
    store: Histogram<f64>,
    provider: Histogram<f64>,
    limits: Counter<u64>,
    audit_lost: Counter<u64>,
}

/// What came of something that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Ok,
    /// Whoever asked may not have it, or asked wrongly; the reason is a word of the code.
    Refused(&'static str),
    /// It is the broker's own failure, or that of something it stands on.
    Failed(&'static str),
}

/// What a limit does to what goes beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitMode {
    /// It is turned away.
    Enforce,
    /// It is counted, and let through.
    Report,
}

/// How old a signing key is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyAge {
    /// `next`, `active` or `retiring`.
    pub stage: &'static str,
    /// For how long it has been at this stage.
    pub seconds: f64,
}

impl Metrics {
    fn new(provider: SdkMeterProvider) -> Self {
        let meter = &provider.meter("vestibule");
        Self {
            requests: of::REQUESTS.histogram(meter),
            grants: of::GRANTS.counter(meter),
            events: of::EVENTS.counter(meter),
            logins: of::LOGINS.counter(meter),
            sessions_ended: of::SESSIONS_ENDED.counter(meter),
            store: of::STORE.histogram(meter),
            provider: of::PROVIDER.histogram(meter),
            limits: of::LIMITS.counter(meter),
            audit_lost: of::AUDIT_LOST.counter(meter),
            meter: meter.clone(),
            _provider: provider,
        }
    }

    /// Counts a request at the token endpoint. `grant` is the grant type, or a word for what is none.
    pub fn grant(&self, grant: &'static str, outcome: Outcome) {
        self.grants.add(
            1,
            &[
                KeyValue::new("grant", grant),
                KeyValue::new("outcome", outcome.word()),
                KeyValue::new("reason", outcome.reason()),
            ],
        );
    }

    /// Measures a verb of the store.
    pub fn store_verb(&self, backend: &'static str, verb: &'static str, outcome: Outcome, took: &Stopwatch) {
        self.store.record(
            took.seconds(),
            &[
                KeyValue::new("backend", backend),
                KeyValue::new("outcome", outcome.word()),
                KeyValue::new("verb", verb),
            ],
        );
    }

    /// Measures a call of an identity provider; `provider` is its id in the configuration.
    pub fn provider_call(&self, provider: &str, call: &'static str, outcome: Outcome, took: &Stopwatch) {
        self.provider.record(
            took.seconds(),
            &[
                KeyValue::new("call", call),
                KeyValue::new("outcome", outcome.word()),
                KeyValue::new("provider", provider.to_owned()),
                KeyValue::new("reason", outcome.reason()),
            ],
        );
    }

    /// Counts what went beyond a limit; `rule` is the rule's name in the configuration.
    pub fn limit_hit(&self, rule: &str, mode: LimitMode) {
        let mode = match mode {
            LimitMode::Enforce => "enforce",
            LimitMode::Report => "report",
        };
        self.limits.add(
            1,
            &[
                KeyValue::new("mode", mode),
                KeyValue::new("rule", rule.to_owned()),
            ],
        );
    }

    /// Counts no login with this provider, so that the first one is a rise.
    pub fn no_login(&self, provider: &str) {
        self.logins.add(
            0,
            &[
                KeyValue::new("outcome", "ok"),
                KeyValue::new("provider", provider.to_owned()),
            ],
        );
    }

    /// Reports how old the signing keys are, whenever somebody looks.
    pub fn observe_keys(&self, ages: impl Fn() -> Vec<KeyAge> + Send + Sync + 'static) {
        of::KEY_AGE.observe(&self.meter, move |observer| {
            for age in ages() {
                observer.observe(age.seconds, &[KeyValue::new("stage", age.stage)]);
            }
        });
    }

    /// Reports how many sessions live, whenever somebody looks; nothing while nobody knows.
    pub fn observe_sessions(&self, live: impl Fn() -> Option<u64> + Send + Sync + 'static) {
        of::SESSIONS_ACTIVE.observe_count(&self.meter, move |observer| {
            if let Some(live) = live() {
                observer.observe(live, &[]);
            }
        });
    }

    /// Counts no event, so that the first one is a rise.
    pub(crate) fn no_event(&self, event: &'static str) {
        self.events.add(0, &[KeyValue::new("event", event)]);
    }

    pub(crate) fn event(&self, event: &'static str) {
        self.events.add(1, &[KeyValue::new("event", event)]);
    }

    pub(crate) fn login(&self, provider: &str, outcome: &'static str) {
        self.logins.add(
            1,
            &[
                KeyValue::new("outcome", outcome),
                KeyValue::new("provider", provider.to_owned()),
            ],
        );
    }

    /// Counts nothing as lost, so that the first loss is a rise.
    pub(crate) fn nothing_lost(&self, sink: &'static str) {
        self.audit_lost.add(0, &[KeyValue::new("sink", sink)]);
    }

    pub(crate) fn audit_lost(&self, sink: &'static str) {
        self.audit_lost.add(1, &[KeyValue::new("sink", sink)]);
    }

    pub(crate) fn session_ended(&self, cause: &'static str) {
        self.sessions_ended.add(1, &[KeyValue::new("cause", cause)]);
    }
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Ok => "none",
            Self::Refused(reason) | Self::Failed(reason) => reason,
        }
    }
}
