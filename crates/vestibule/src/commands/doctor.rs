//! `vestibule doctor [--config FILE] [--json]`

use std::process::ExitCode;

use vestibule_provider::Verdict;

use super::output::say;
use super::paint::Paint;
use crate::cli::DoctorArgs;
use crate::doctor::{self, Line};

/// Looks at everything and tells of it; exit code 1 means that logins will fail.
pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let report = doctor::examine(&args.config.config).await;
    if args.json {
        say(&serde_json::to_string_pretty(&report)?);
    } else {
        let paint = Paint::of_standard_output();
        for line in &report.findings {
            say(&show(line, paint));
        }
    }
    Ok(if report.healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn show(line: &Line, paint: Paint) -> String {
    let Line { about, finding } = line;
    let (symbol, colour) = match finding.verdict {
        Verdict::Good => ("\u{2714}", "32"),
        Verdict::Warning => ("!", "33"),
        Verdict::Bad => ("\u{2718}", "31"),
    };
    let remedy = finding.remedy.as_ref();
    let remedy = remedy.map(|remedy| format!(" {} {remedy}", paint.dye(colour, "\u{2192}")));
    let shown = format!(
        "{} {about}, {}: {}{}",
        paint.dye(colour, symbol),
        finding.what,
        finding.detail,
        remedy.unwrap_or_default()
    );
    // One line each, whatever a provider answered.
    shown.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use vestibule_provider::Finding;

    use super::{Line, Paint, show};

    #[test]
    fn a_finding_is_one_line_with_a_symbol_and_what_to_do() {
        let line = Line {
            about: "provider corp".to_owned(),
            finding: Finding::bad("discovery", "it is\ndown", "start it"),
        };
        assert_eq!(
            show(&line, Paint::Plain),
            "\u{2718} provider corp, discovery: it is down \u{2192} start it"
        );
        assert!(show(&line, Paint::Colours).starts_with("\u{1b}[31m\u{2718}\u{1b}[0m provider"));
    }
}
