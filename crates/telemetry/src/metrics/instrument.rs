//! The instruments, described once: for the SDK, for the documentation and for its test.

use opentelemetry::metrics::{AsyncInstrument, Counter, Histogram, Meter};

/// How an instrument counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is read when somebody looks.
    Gauge,
    /// It spreads what it measures over these upper bounds.
    Histogram(&'static [f64]),
}

/// One instrument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instrument {
    /// Its name in OpenTelemetry.
    pub name: &'static str,
    /// How it counts.
    pub kind: Kind,
    /// Its unit ([UCUM](https://ucum.org/ucum)).
    pub unit: &'static str,
    /// The attributes that it may carry.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub about: &'static str,
}

/// From half a millisecond, which is what most answers take, to the longest that a request may take.
const OF_REQUESTS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    30.0,
];

/// From what memory takes to a store that is given up on.
const OF_VERBS: &[f64] = &[
    0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
    5.0,
];

/// From a provider on this machine to one that is given up on.
const OF_CALLS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

pub(super) const REQUESTS: Instrument = Instrument {
    name: "http.server.request.duration",
    kind: Kind::Histogram(OF_REQUESTS),
    unit: "s",
    labels: &[
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
    ],
    about: "How long requests took to be answered.",
};

pub(super) const GRANTS: Instrument = Instrument {
    name: "vestibule.grants",
    kind: Kind::Counter,
    unit: "{grant}",
    labels: &["grant", "outcome", "reason"],
    about: "Requests at the token endpoint by grant type, outcome and reason.",
};

pub(super) const EVENTS: Instrument = Instrument {
    name: "vestibule.audit.events",
    kind: Kind::Counter,
    unit: "{event}",
    labels: &["event"],
    about: "Security events, as in the audit log.",
};

pub(super) const LOGINS: Instrument = Instrument {
    name: "vestibule.logins",
    kind: Kind::Counter,
    unit: "{login}",
    labels: &["outcome", "provider"],
    about: "Logins by identity provider and outcome.",
};

pub(super) const SESSIONS_ACTIVE: Instrument = Instrument {
    name: "vestibule.sessions.active",
    kind: Kind::Gauge,
    unit: "{session}",
    labels: &[],
    about: "Sessions that live in the store; in Redis counted once a minute, and estimated from a sample where there are many.",
};

pub(super) const SESSIONS_ENDED: Instrument = Instrument {
    name: "vestibule.sessions.ended",
    kind: Kind::Counter,
    unit: "{session}",
    labels: &["cause"],
    about: "Sessions that were ended before their time, by cause.",
};

pub(super) const KEY_AGE: Instrument = Instrument {
    name: "vestibule.key.age",
    kind: Kind::Gauge,
    unit: "s",
    labels: &["stage"],
    about: "For how long the oldest signing key of each stage has been at it.",
};

pub(super) const STORE: Instrument = Instrument {
    name: "vestibule.store.duration",
    kind: Kind::Histogram(OF_VERBS),
    unit: "s",
    labels: &["backend", "outcome", "verb"],
    about: "How long verbs of the store took.",
};

pub(super) const PROVIDER: Instrument = Instrument {
    name: "vestibule.provider.duration",
    kind: Kind::Histogram(OF_CALLS),
    unit: "s",
    labels: &["call", "outcome", "provider", "reason"],
    about: "How long identity providers took to begin or complete a login, or to vouch for a user again.",
};

pub(super) const LIMITS: Instrument = Instrument {
    name: "vestibule.limits.hits",
    kind: Kind::Counter,
    unit: "{hit}",
    labels: &["mode", "rule"],
    about: "What went beyond a limit, turned away (enforce) or not (report).",
};

pub(super) const AUDIT_LOST: Instrument = Instrument {
    name: "vestibule.audit.lost",
    kind: Kind::Counter,
    unit: "{event}",
    labels: &["sink"],
    about: "Security events that could not be written.",
};

/// Every instrument.
pub const ALL: [Instrument; 11] = [
    REQUESTS,
    GRANTS,
    LOGINS,
    SESSIONS_ACTIVE,
    SESSIONS_ENDED,
    KEY_AGE,
    STORE,
    PROVIDER,
    LIMITS,
    EVENTS,
    AUDIT_LOST,
];

impl Instrument {
    /// Its name in Prometheus: with its unit, and marked where it only grows.
    pub fn prometheus_name(&self) -> String {
        let unit = if self.unit == "s" { "_seconds" } else { "" };
        let counted = if self.kind == Kind::Counter { "_total" } else { "" };
        format!("{}{unit}{counted}", self.name.replace('.', "_"))
    }

    pub(super) fn counter(&self, meter: &Meter) -> Counter<u64> {
        meter
            .u64_counter(self.name)
            .with_unit(self.unit)
            .with_description(self.about)
            .build()
    }

    pub(super) fn histogram(&self, meter: &Meter) -> Histogram<f64> {
        let bounds = match self.kind {
            Kind::Histogram(bounds) => bounds,
            Kind::Counter | Kind::Gauge => &[],
        };
        meter
            .f64_histogram(self.name)
            .with_unit(self.unit)
            .with_description(self.about)
            .with_boundaries(bounds.to_vec())
            .build()
    }

    pub(super) fn observe(
        &self,
        meter: &Meter,
        look: impl Fn(&dyn AsyncInstrument<f64>) + Send + Sync + 'static,
    ) {
        meter
            .f64_observable_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.about)
            .with_callback(look)
            .build();
    }

    pub(super) fn observe_count(
        &self,
        meter: &Meter,
        look: impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static,
    ) {
        meter
            .u64_observable_gauge(self.name)
            .with_unit(self.unit)
            .with_description(self.about)
            .with_callback(look)
            .build();
    }
}
