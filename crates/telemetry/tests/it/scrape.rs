use std::collections::{BTreeMap, BTreeSet};

use vestibule_protocol::{ClientId, ProviderId, SessionId, Subject};
use vestibule_telemetry::{
    ALL, AuditEvent, AuditSink, EndCause, KeyAge, LimitMode, LogSettings, LoginFailure, Metrics, Outcome,
    RouteMeter, Scrape, Settings, Stopwatch, Telemetry, metrics,
};

/// A process that tells Prometheus, after everything there is to tell has happened once.
fn after_everything() -> Scrape {
    let settings = Settings {
        scraped: true,
        // It takes nothing, so that every event is lost.
        audit: vec![AuditSink::File("/dev/full".into())],
        ..Settings::of_logs(LogSettings::text("off"))
    };
    let telemetry = Telemetry::start(&settings).unwrap();
    let metrics = metrics().expect("somebody reads the metrics");
    record(metrics, &Stopwatch::start());
    let provider = ProviderId::parse("local").unwrap();
    let client = ClientId::parse("c1").unwrap();
    let actor = Subject::parse("local:alice").unwrap();
    let login_failed = AuditEvent::LoginFailed {
        provider: &provider,
        client: &client,
        cause: LoginFailure::WrongCredentials,
    };
    login_failed.record();
    let ended = AuditEvent::SessionEnded {
        actor: &actor,
        client: &client,
        sid: &SessionId::parse("s1").unwrap(),
        cause: EndCause::RevokedByClient,
    };
    ended.record();
    telemetry.scrape().expect("Prometheus may read").clone()
}

fn record(metrics: &Metrics, stopwatch: &Stopwatch) {
    let meter = RouteMeter::default();
    for status in [200, 200, 400, 503] {
        meter.record("https", "POST", Some("/oauth/token"), status, stopwatch);
    }
    meter.record("https", "GET", None, 404, stopwatch);
    metrics.grant("refresh_token", Outcome::Refused("refresh_token_reused"));
    metrics.store_verb("embedded", "find_session", Outcome::Ok, stopwatch);
    metrics.provider_call("local", "complete", Outcome::Refused("denied"), stopwatch);
    metrics.limit_hit("registration", LimitMode::Report);
    metrics.observe_sessions(|| Some(3));
    metrics.observe_keys(|| {
        vec![KeyAge {
            stage: "active",
            seconds: 60.0,
        }]
    });
}

/// The names of the metrics, each with the labels that it carries.
fn names(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let mut names: BTreeMap<&str, BTreeSet<&str>> = types
        .filter_map(|line| Some((line.split_once(' ')?.0, BTreeSet::new())))
        .collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let series = line.split(' ').next().unwrap_or_default();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let family = ["", "_bucket", "_sum", "_count"]
            .into_iter()
            .find_map(|part| name.strip_suffix(part).filter(|name| names.contains_key(name)))
            .expect("a series belongs to a metric");
        let labels = labels.trim_end_matches('}').split("\",");
        let labels = labels.filter_map(|label| Some(label.split_once('=')?.0));
        names
            .get_mut(family)
            .unwrap()
            .extend(labels.filter(|label| *label != "le"));
    }
    names
}

#[test]
fn the_names_of_the_metrics_stay() {
    let text = after_everything().text().unwrap();
    let shown: Vec<String> = names(&text)
        .into_iter()
        .map(|(name, labels)| format!("{name} {}", Vec::from_iter(labels).join(",")))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn every_instrument_is_described_as_it_is() {
    let text = after_everything().text().unwrap();
    let names = names(&text);
    for instrument in ALL {
        let name = instrument.prometheus_name();
        let labels = names
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name}: {text}"));
        let described: BTreeSet<String> = instrument
            .labels
            .iter()
            .map(|label| label.replace('.', "_"))
            .collect();
        let carried: BTreeSet<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        assert_eq!(carried, described, "{name}");
        assert!(
            text.contains(&format!("# HELP {name} {}", instrument.about)),
            "{name}"
        );
    }
    assert_eq!(
        names.len(),
        ALL.len() + 1,
        "beside target_info there is nothing else: {names:?}"
    );
}

/// Prometheus would not see the first one rise.
#[test]
fn what_should_never_happen_is_counted_before_it_does() {
    let settings = Settings {
        scraped: true,
        audit: vec![AuditSink::Stdout],
        ..Settings::of_logs(LogSettings::text("off"))
    };
    let telemetry = Telemetry::start(&settings).unwrap();
    let text = telemetry.scrape().unwrap().text().unwrap();
    for series in [
        r#"vestibule_audit_events_total{event="assertion_replayed"} 0"#,
        r#"vestibule_audit_events_total{event="code_replayed"} 0"#,
        r#"vestibule_audit_events_total{event="reuse_detected"} 0"#,
        r#"vestibule_audit_lost_total{sink="stdout"} 0"#,
    ] {
        assert!(text.contains(series), "{series}: {text}");
    }
}

#[test]
fn where_nobody_reads_nothing_is_counted() {
    Telemetry::start(&Settings::of_logs(LogSettings::text("off"))).unwrap();
    assert!(metrics().is_none());
}
