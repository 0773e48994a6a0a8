//! `vestibule doctor`: what can be checked before the first login, looked at as a person would.
//!
//! It works beside the running broker and without one, changes nothing, and ends in bounded time. To add a check: a file here
//! that returns [`Finding`]s, and a line in [`examine`].

mod certificate;
mod configuration;
mod listeners;
mod providers;
mod public_url;
mod running;
mod secrets;
mod store;
mod web;

use std::path::Path;

use serde::Serialize;
use vestibule_provider::{Finding, Verdict};

use crate::config::{Config, Purpose};
use crate::service::environment;
use running::Running;

/// One finding, and the part of the installation that it is about.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// The part: "store", say, or "provider corp".
    pub(crate) about: String,
    /// What was found.
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

/// What was found, in the order in which somebody would mend it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Whether nothing is in the way of a login; warnings are not.
    pub(crate) healthy: bool,
    /// One line for each thing that was looked at.
    pub(crate) findings: Vec<Line>,
}

impl Report {
    fn of(findings: Vec<Line>) -> Self {
        let bad = |line: &Line| line.finding.verdict == Verdict::Bad;
        Self {
            healthy: !findings.iter().any(bad),
            findings,
        }
    }
}

/// Looks at everything that the configuration in `file` describes.
pub(crate) async fn examine(file: &Path) -> Report {
    let config = match Config::load(file, Purpose::Serve, &environment::variable) {
        Ok(config) => config,
        Err(problems) => return Report::of(about("configuration", configuration::mistakes(&problems))),
    };
    let running = Running::ask(&config).await;
    let mut lines = about("configuration", configuration::examine(file, &config));
    lines.extend(about("secrets", secrets::examine(file, &config)));
    lines.extend(about("store", store::examine(&config, &running).await));
    lines.extend(about("listener", listeners::examine(&config, &running).await));
    lines.extend(about("certificate", certificate::examine(&config)));
    lines.extend(about("public URL", public_url::examine(&config, &running).await));
    for (provider, findings) in providers::examine(&config).await {
        lines.extend(about(&format!("provider {provider}"), findings));
    }
    Report::of(lines)
}

fn about(part: &str, findings: Vec<Finding>) -> Vec<Line> {
    let line = |finding| Line {
        about: part.to_owned(),
        finding,
    };
    findings.into_iter().map(line).collect()
}
