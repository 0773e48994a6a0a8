//! The files that stand ready for a collector, Prometheus and Grafana.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docker/observability")
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the tool is at hand");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

/// A YAML file as JSON, read by Debian's Python.
pub(crate) fn yaml(file: &str) -> Value {
    const READ: &str = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let output = run(Command::new("/usr/bin/python3")
        .args(["-c", READ])
        .arg(folder().join(file)));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn prometheus_takes_its_configuration() {
    run(Command::new(super::telemetry::promtool())
        .args(["check", "config"])
        .arg(folder().join("prometheus.yml")));
}

#[test]
fn the_collector_uses_what_it_defines() {
    let collector = yaml("collector.yaml");
    let pipelines = collector["service"]["pipelines"].as_object().expect("pipelines");
    for signal in ["logs", "metrics", "traces"] {
        assert!(pipelines.contains_key(signal), "{signal} lead nowhere");
    }
    for (signal, pipeline) in pipelines {
        for kind in ["receivers", "processors", "exporters"] {
            for name in pipeline[kind].as_array().expect("a list") {
                let name = name.as_str().expect("a name");
                assert!(collector[kind].get(name).is_some(), "{signal}: {kind}: {name}");
            }
        }
    }
    let scraped = yaml("prometheus.yml")["scrape_configs"][0]["static_configs"][0]["targets"][0].clone();
    let offered = collector["exporters"]["prometheus"]["endpoint"]
        .as_str()
        .expect("an address");
    let port = |address: &str| address.rsplit(':').next().map(str::to_owned);
    assert_eq!(port(scraped.as_str().expect("an address")), port(offered));
}

#[test]
fn grafana_finds_its_source_and_its_dashboard() {
    let sources = yaml("grafana/provisioning/datasources/prometheus.yaml");
    assert_eq!(sources["datasources"][0]["type"], "prometheus");
    let providers = yaml("grafana/provisioning/dashboards/vestibule.yaml");
    assert_eq!(providers["providers"][0]["type"], "file");
}
