//! The configuration file.

use std::path::Path;

use vestibule_provider::{Finding, Verdict};

use crate::config::{Config, Problems};

/// Every mistake; each says what to write.
pub(super) fn mistakes(problems: &Problems) -> Vec<Finding> {
    let finding = |mistake: &str| Finding {
        what: "file".to_owned(),
        verdict: Verdict::Bad,
        detail: mistake.to_owned(),
        remedy: None,
    };
    problems.to_string().lines().map(finding).collect()
}

/// What a configuration without mistakes says, and what the environment added.
pub(super) fn examine(file: &Path, config: &Config) -> Vec<Finding> {
    let detail = format!(
        "{} has no mistakes; the issuer is {}",
        file.display(),
        config.issuer
    );
    let filled = config.filled.iter();
    std::iter::once(Finding::good("file", detail))
        .chain(filled.map(|filled| Finding::good("environment", filled.to_string())))
        .collect()
}
