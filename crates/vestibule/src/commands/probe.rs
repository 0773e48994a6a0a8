//! `vestibule probe URL [--profile NAME] [--login] [--json]`

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use vestibule_client::{
    Binding, Client, Enrolment, Handoff, LoginRequest, Logout, McpUrl, Probe, Profile, Report, Step,
    TokenStore, Verdict,
};

use super::client::{Machine, Terminal};
use super::output::say;
use super::paint::Paint;

/// `vestibule probe`
#[derive(Debug, Args)]
pub struct ProbeArgs {
    /// An MCP server, or the issuer of an authorization server.
    #[arg(value_name = "URL")]
    address: McpUrl,
    /// As which client to look: claude-code, claude, vscode, cursor, chatgpt, codex, perplexity, sdk-typescript or sdk-python; may
    /// be repeated, and \"all\" is all of them.
    #[arg(long = "profile", value_name = "NAME", default_value = "claude-code", value_parser = profiles)]
    profiles: Vec<Profiles>,
    /// Finish a login in the browser, list the tools, and log out again.
    #[arg(long)]
    login: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What one `--profile` names.
type Profiles = &'static [Profile];

fn profiles(name: &str) -> Result<Profiles, String> {
    let all = Profile::all();
    if name == "all" {
        return Ok(all);
    }
    let wanted: Profile = name.parse()?;
    let place = all
        .iter()
        .position(|profile| *profile == wanted)
        .unwrap_or_default();
    Ok(all.get(place..=place).unwrap_or_default())
}

/// Looks, and tells of it; exit code 1 means that one of the clients would stop.
pub(crate) async fn run(args: ProbeArgs) -> anyhow::Result<ExitCode> {
    let probe = Probe::new(Machine)?;
    let mut reports = Vec::new();
    for profile in args.profiles.iter().copied().flatten() {
        reports.push(probe.look(&args.address, profile).await);
    }
    if args.login
        && let Some(last) = reports.last_mut().filter(|last| last.usable)
    {
        log_in(&args.address, last).await?;
    }
    let usable = reports.iter().all(|report| report.usable);
    if args.json {
        say(&serde_json::to_string_pretty(
            &json!({ "usable": usable, "reports": reports }),
        )?);
    } else {
        let paint = Paint::of_standard_output();
        for report in &reports {
            say(&format!("{} as {}", report.address, report.profile));
            for step in &report.steps {
                say(&show(step, paint));
            }
        }
    }
    Ok(if usable {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Walks the flow with a person, and leaves nothing behind.
async fn log_in(address: &McpUrl, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let client = Client::builder(TokenStore::in_directory(folder.path()), Machine, Terminal).build()?;
    let request = LoginRequest {
        handoff: Handoff::Loopback,
        scope: None,
        enrolment: Enrolment::Dynamic,
        binding: Binding::WherePossible,
    };
    let login = client.login(address, &request).await;
    let done = login.map(|login| format!("{} granted {}", login.issuer, login.scope));
    if !add(report, "login", "OAuth 2.1 §4.1", done) {
        return Ok(());
    }
    let tools = client.tools(address).await;
    add(
        report,
        "tools",
        "MCP, tools/list",
        tools.map(|tools| format!("{} tools", tools.len())),
    );
    let logout = client.logout(address).await;
    let done = logout.map(|logout| match logout {
        Logout::Revoked => "the tokens are revoked".to_owned(),
        Logout::Forgotten | Logout::WasNotLoggedIn => "the tokens end when they expire".to_owned(),
    });
    add(report, "logout", "RFC 7009", done);
    Ok(())
}

/// Adds a step, and says whether it went well.
fn add<E: std::error::Error>(
    report: &mut Report,
    step: &'static str,
    rule: &'static str,
    result: Result<String, E>,
) -> bool {
    let (verdict, seen, remedy) = match result {
        Ok(seen) => (Verdict::Green, seen, None),
        Err(error) => (
            Verdict::Red,
            error.to_string(),
            Some("It was the last step that a client takes; the sentence says what it needs.".to_owned()),
        ),
    };
    report.add(Step {
        verdict,
        step,
        seen,
        rule,
        remedy,
    });
    verdict == Verdict::Green
}

fn show(step: &Step, paint: Paint) -> String {
    let (symbol, colour) = match step.verdict {
        Verdict::Green => ("\u{2714}", "32"),
        Verdict::Yellow => ("!", "33"),
        Verdict::Red => ("\u{2718}", "31"),
    };
    let remedy = step.remedy.as_ref();
    let remedy = remedy.map(|remedy| format!(" {} {remedy} ({})", paint.dye(colour, "\u{2192}"), step.rule));
    format!(
        "  {} {}: {}{}",
        paint.dye(colour, symbol),
        step.step,
        step.seen,
        remedy.unwrap_or_default()
    )
}
