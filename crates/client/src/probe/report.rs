//! What was seen.

use serde::Serialize;

use super::Profile;
use crate::McpUrl;

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As the client needs it.
    Green,
    /// The client gets on, though not as well as it could.
    Yellow,
    /// The client stops here, or something is unsafe.
    Red,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// How it went.
    pub verdict: Verdict,
    /// What was looked at.
    pub step: &'static str,
    /// What was seen.
    pub seen: String,
    /// Where it is written how it should be.
    pub rule: &'static str,
    /// What the server's owner should change.
    pub remedy: Option<String>,
}

/// Everything that was seen, in the order in which the client comes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was looked at.
    pub address: String,
    /// As which client.
    pub profile: &'static str,
    /// Whether that client could log in, as far as can be seen without doing it.
    pub usable: bool,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Report {
    pub(super) fn new(address: &McpUrl, profile: &Profile, steps: Steps) -> Self {
        Self {
            address: address.to_string(),
            profile: profile.name,
            usable: steps.0.iter().all(|step| step.verdict != Verdict::Red),
            steps: steps.0,
        }
    }

    /// Adds a step of the login that a person finished.
    pub fn add(&mut self, step: Step) {
        self.usable &= step.verdict != Verdict::Red;
        self.steps.push(step);
    }
}

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    pub(super) fn green(&mut self, step: &'static str, rule: &'static str, seen: impl Into<String>) {
        self.0.push(Step {
            verdict: Verdict::Green,
            step,
            seen: seen.into(),
            rule,
            remedy: None,
        });
    }

    pub(super) fn yellow(
        &mut self,
        step: &'static str,
        rule: &'static str,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.complain(Verdict::Yellow, step, rule, seen.into(), remedy.into());
    }

    pub(super) fn red(
        &mut self,
        step: &'static str,
        rule: &'static str,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.complain(Verdict::Red, step, rule, seen.into(), remedy.into());
    }

    fn complain(
        &mut self,
        verdict: Verdict,
        step: &'static str,
        rule: &'static str,
        seen: String,
        remedy: String,
    ) {
        self.0.push(Step {
            verdict,
            step,
            seen,
            rule,
            remedy: Some(remedy),
        });
    }
}
