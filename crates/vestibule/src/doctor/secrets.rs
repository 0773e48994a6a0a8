//! The files that secrets stand in.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use vestibule_provider::Finding;

use crate::config::{Config, SecretPlace};

/// The bits of a mode that let everybody on the machine read or write.
const EVERYBODY: u32 = 0o006;

/// Whether only those who should can read the secrets.
pub(super) fn examine(file: &Path, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inline = Vec::new();
    for place in &config.secret_places {
        match place {
            SecretPlace::Inline(key) => inline.push(key.as_str()),
            SecretPlace::File { key, path } => findings.push(look_at(path, key)),
        }
    }
    if !inline.is_empty() {
        findings.push(look_at(file, &inline.join(", ")));
    }
    if findings.is_empty() {
        findings.push(Finding::good("files", "no secret stands in a file"));
    }
    findings
}

fn look_at(file: &Path, keys: &str) -> Finding {
    let shown = file.display();
    match fs::metadata(file) {
        Err(error) => Finding::bad(
            keys,
            format!("{shown} cannot be looked at: {error}"),
            "let the user that the broker runs as read it",
        ),
        Ok(metadata) if metadata.mode() & EVERYBODY != 0 => Finding::warning(
            keys,
            format!("everybody on this machine can open {shown}"),
            format!("run: chmod o-rwx {shown}"),
        ),
        Ok(metadata) => Finding::good(
            keys,
            format!(
                "{shown} is not open to everybody (mode {:03o})",
                metadata.mode() & 0o777
            ),
        ),
    }
}
