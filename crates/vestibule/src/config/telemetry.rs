//! `[telemetry]`: what is counted and measured, and who may read it.

use super::section::Section;

/// What is counted and measured, and who may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Whether Prometheus may read `/metrics`.
    pub metrics: bool,
}

pub(super) fn read(section: Section<'_>) -> TelemetryConfig {
    let metrics = section.flag("metrics").unwrap_or(false);
    section.finish();
    TelemetryConfig { metrics }
}
