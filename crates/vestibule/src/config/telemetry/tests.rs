use std::path::Path;

use vestibule_telemetry::{AuditSink, Incoming, Signal};

use crate::config::{Config, Outside, Problems, Purpose};

/// The reference file, whose own words on telemetry are replaced by `text`, in an environment.
fn parse(text: &str, env: &[(&str, &str)]) -> Result<Config, Problems> {
    let (before, _) = include_str!("../../../../../config/vestibule.toml")
        .split_once("\n[telemetry]\n")
        .unwrap();
    let env = |name: &str| match name {
        "VESTIBULE_MASTER_SECRET" => Some("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY".to_owned()),
        "MY_AGENT_SECRET" => Some("a long random secret".to_owned()),
        _ => env
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned()),
    };
    let outside = Outside {
        env: &env,
        folder: Path::new("."),
    };
    Config::parse(
        Path::new("test.toml"),
        &format!("{before}\n{text}"),
        Purpose::Serve,
        &outside,
    )
}

fn problem(text: &str, env: &[(&str, &str)]) -> String {
    let problems = parse(text, env).expect_err("a mistake");
    assert_eq!(problems.all.len(), problems.to_string().lines().count());
    problems.to_string()
}

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

#[test]
fn without_an_address_nothing_is_exported() {
    let config = parse(
        "",
        &[("OTEL_SERVICE_NAME", "mine"), ("OTEL_TRACES_EXPORTER", "otlp")],
    )
    .unwrap();
    assert_eq!(config.telemetry.export, None);
    assert!(!config.telemetry.metrics);
}

#[test]
fn a_protocol_that_is_not_spoken_is_a_mistake() {
    let said = problem("", &[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
    assert!(
        said.contains("\"grpc\", which is not spoken here; set \"http/protobuf\""),
        "{said}"
    );
    let said = problem(
        "[telemetry]\notlp_signals = [\"logs\"]",
        &[ENDPOINT, ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json")],
    );
    assert!(said.contains("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"), "{said}");
}

#[test]
fn what_is_no_address_and_no_signal_is_a_mistake() {
    let said = problem(
        "[telemetry]\notlp_endpoint = \"localhost:4317\"\notlp_signals = [\"traces\", \"spans\"]",
        &[("OTEL_TRACES_EXPORTER", "console")],
    );
    assert!(
        said.contains("\"localhost:4317\" is no address of a collector"),
        "{said}"
    );
    assert!(said.contains("\"spans\" is no signal"), "{said}");
    assert!(said.contains("OTEL_TRACES_EXPORTER is \"console\""), "{said}");
}

#[test]
fn the_environment_alone_turns_export_on_and_off() {
    let config = parse("", &[ENDPOINT, ("OTEL_LOGS_EXPORTER", "none")]).unwrap();
    let export = config.telemetry.export.unwrap();
    assert_eq!(export.endpoint.as_deref(), Some("http://collector:4318"));
    assert_eq!(export.signals, [Signal::Traces, Signal::Metrics]);
    assert_eq!(export.incoming, Incoming::Ignore);
    let disabled = parse("", &[ENDPOINT, ("OTEL_SDK_DISABLED", "TRUE")]).unwrap();
    assert_eq!(disabled.telemetry.export, None);
}

#[test]
fn an_address_for_one_signal_exports_that_one() {
    let only = (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "http://collector:4318/v1/traces",
    );
    let export = parse("", &[only]).unwrap().telemetry.export.unwrap();
    assert_eq!((export.endpoint, export.signals), (None, vec![Signal::Traces]));
}

#[test]
fn an_audit_log_that_leads_nowhere_is_a_mistake() {
    for (text, said) in [
        ("[audit]\nto = [\"paper\"]", "\"paper\" is no place"),
        ("[audit]\nto = [\"file\"]", "is missing; write file = "),
        (
            "[audit]\nfile = \"audit.jsonl\"",
            "\"file\" does not stand in `to`",
        ),
        ("[audit]\nto = [\"otlp\"]", "no collector is sent logs"),
    ] {
        let problem = problem(text, &[]);
        assert!(problem.contains(said), "{text}: {problem}");
    }
}

#[test]
fn security_events_go_where_they_are_sent() {
    let config = parse("", &[]).unwrap();
    assert_eq!(config.audit, [AuditSink::Log]);
    let text = "[audit]\nto = [\"stdout\", \"file\", \"otlp\"]\nfile = \"audit.jsonl\"";
    let config = parse(text, &[ENDPOINT]).unwrap();
    let file = AuditSink::File(Path::new("./audit.jsonl").to_owned());
    assert_eq!(config.audit, [AuditSink::Stdout, file, AuditSink::Otlp]);
}
