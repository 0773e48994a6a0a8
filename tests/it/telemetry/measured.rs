//! What is counted, and who reads it.

use super::*;

#[test]
fn the_collector_is_sent_what_is_counted() {
    let collector = Collector::start();
    let ports = Ports::free();
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=house".to_owned()),
        ("OTEL_TRACES_SAMPLER", "always_off".to_owned()),
        ("OTEL_SERVICE_NAME", "inner-door".to_owned()),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test".to_owned(),
        ),
    ];
    let text = format!("{}\n{}", ports.preamble(), configuration(ports, HOUSE, ""));
    let mut program = Program::serve_in(ports, &text, &env);
    walk(&program);
    assert!(program.stop().success());
    assert!(collector.spans().is_empty(), "nothing is sampled");
    let names: BTreeSet<String> = collector
        .metrics()
        .into_iter()
        .map(|metric| metric.name)
        .collect();
    for name in [
        "http.server.request.duration",
        "vestibule.grants",
        "vestibule.logins",
        "vestibule.audit.events",
        "vestibule.store.duration",
        "vestibule.provider.duration",
        "vestibule.key.age",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    let headers = collector.headers("x-tenant");
    assert!(
        !headers.is_empty() && headers.iter().all(|value| value == "house"),
        "{headers:?}"
    );
    assert!(collector.text().contains("inner-door"));
    assert!(collector.text().contains("deployment.environment.name"));
}

#[test]
fn a_collector_that_does_not_answer_holds_nobody_up() {
    let collector = DeafCollector::start();
    let ports = Ports::free();
    let mut program = Program::serve(
        ports,
        &configuration(ports, HOUSE, &exporting_to(&collector.url())),
    );
    let tokens = walk(&program);
    introspect(&program, &tokens);
    let before = Instant::now();
    assert!(program.stop().success());
    let took = before.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(
        !program.log_lines("what was not sent is lost").is_empty()
            || !program.log_lines("could not be sent").is_empty()
    );
}

/// Where `scripts/promtool` put Prometheus' own tool: in the path, or beside what cargo builds.
pub(crate) fn promtool() -> std::path::PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let built = test.ancestors().map(|folder| folder.join("promtool/promtool"));
    let mut found = built.filter(|tool| tool.is_file());
    found.next().unwrap_or_else(|| "promtool".into())
}

#[test]
fn prometheus_finds_no_fault_with_the_metrics() {
    let ports = Ports::free();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let socket = folder.path().join("operators.sock");
    let preamble = ports
        .preamble()
        .replace("operators.sock", &socket.display().to_string());
    let text = format!(
        "{preamble}\n{}",
        configuration(ports, HOUSE, "[telemetry]\nmetrics = true")
    );
    let program = Program::serve_in(ports, &text, &[]);
    let logins = |count: u8| format!("vestibule_logins_total{{outcome=\"ok\",provider=\"local\"}} {count}\n");
    assert!(
        program.scrape(&socket).contains(&logins(0)),
        "the first one rises from here"
    );
    introspect(&program, &walk(&program));
    let metrics = program.scrape(&socket);
    assert!(metrics.contains(&logins(1)), "{metrics}");
    let public = vestibule_tests::Browser::new().open(&program.url("/metrics"));
    assert_eq!(public.status(), 404, "the world reads no metrics");

    let mut check = Command::new(promtool())
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("scripts/promtool puts it here");
    let mut input = check.stdin.take().expect("a pipe");
    input.write_all(metrics.as_bytes()).expect("promtool reads");
    drop(input);
    let output = check.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success() && said.is_empty(),
        "{}",
        String::from_utf8_lossy(&said)
    );
    for count in [
        "vestibule_grants_total{grant=\"authorization_code\",outcome=\"ok\",reason=\"none\"} 1",
        "vestibule_logins_total{outcome=\"ok\",provider=\"local\"} 1",
        "vestibule_audit_events_total{event=\"consent\"} 1",
        "vestibule_store_duration_seconds_count{backend=\"embedded\",outcome=\"ok\",verb=\"redeem_code\"} 1",
    ] {
        assert!(metrics.contains(count), "{count}:\n{metrics}");
    }
}
