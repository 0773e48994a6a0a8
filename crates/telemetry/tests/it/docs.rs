use std::collections::BTreeSet;

use serde_json::Value;
use vestibule_telemetry::{ALL, Kind};

const PAGE: &str = include_str!("../../../../docs/telemetry.md");
const DASHBOARD: &str = include_str!("../../../../docker/observability/grafana/dashboards/vestibule.json");

#[test]
fn the_page_lists_every_metric_as_it_is() {
    for instrument in ALL {
        let kind = match instrument.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<String> = instrument
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let row = format!(
            "| `{}` | `{}` | {kind} | {} | {} | {} |",
            instrument.name,
            instrument.prometheus_name(),
            instrument.unit,
            labels.join(", "),
            instrument.about,
        );
        assert!(PAGE.contains(&row), "docs/telemetry.md lacks:\n{row}");
    }
}

#[test]
fn the_page_lists_no_metric_that_is_not_there() {
    let known: BTreeSet<String> = ALL
        .iter()
        .map(|instrument| format!("`{}`", instrument.name))
        .collect();
    let section = PAGE.split("## Metrics").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<String> = rows
        .map(|row| row.split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn the_dashboard_asks_for_metrics_that_are_there() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("the dashboard is JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut asked = BTreeSet::new();
    for panel in panels {
        for target in panel["targets"].as_array().expect("targets") {
            let query = target["expr"].as_str().expect("a query");
            let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            asked.extend(
                words.filter(|word| word.starts_with("vestibule_") || word.starts_with("http_server_")),
            );
        }
    }
    let known: BTreeSet<String> = ALL
        .iter()
        .flat_map(|instrument| {
            let name = instrument.prometheus_name();
            match instrument.kind {
                Kind::Histogram(_) => vec![
                    format!("{name}_bucket"),
                    format!("{name}_count"),
                    format!("{name}_sum"),
                ],
                Kind::Counter | Kind::Gauge => vec![name],
            }
        })
        .collect();
    let unknown: Vec<_> = asked.iter().filter(|name| !known.contains(**name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(asked.len() > 8, "{asked:?}");
}
