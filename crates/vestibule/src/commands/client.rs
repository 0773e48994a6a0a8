//! `vestibule tools`, `call` and `logout`: the program as an MCP client that has logged in (`login.rs`).
//!
//! Answers go to standard output; what is said on the way (addresses, progress) goes to standard error.

use std::env;
use std::io::{self, Write as _};
use std::process::Stdio;

use super::output::say;
use anyhow::bail;
use clap::Args;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use url::Url;
use vestibule_broker::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use vestibule_client::{
    CallToolResult, Client, ForeignText, Host, Interaction, JsonObject, Logout, McpUrl, TokenStore, Tool,
};
use vestibule_protocol::{Secret, Timestamp};

/// `vestibule tools`.
#[derive(Debug, Args)]
pub struct ToolsArgs {
    /// The MCP server
    #[arg(value_name = "MCP_URL")]
    server: McpUrl,
    /// Print the server's own JSON
    #[arg(long)]
    json: bool,
}

/// `vestibule call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// The MCP server
    #[arg(value_name = "MCP_URL")]
    server: McpUrl,
    /// The tool's name
    tool: String,
    /// The tool's arguments, a JSON object
    #[arg(value_name = "JSON", default_value = "{}", value_parser = parse_arguments)]
    arguments: JsonObject,
    /// Print the server's own JSON
    #[arg(long)]
    json: bool,
}

/// `vestibule logout`.
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The MCP server
    #[arg(value_name = "MCP_URL")]
    server: McpUrl,
}

/// Lists the tools of an MCP server.
///
/// # Errors
/// One sentence that says what to change.
pub(crate) async fn run_tools(args: ToolsArgs) -> anyhow::Result<()> {
    let tools = client()?.tools(&args.server).await?;
    if args.json {
        say(&serde_json::to_string_pretty(&tools)?);
        return Ok(());
    }
    let width = tools
        .iter()
        .map(|tool| tool.name.chars().count())
        .max()
        .unwrap_or_default();
    for tool in &tools {
        say(format!(
            "{:width$}  {}",
            ForeignText::line(&tool.name).as_str(),
            summary(tool)
        )
        .trim_end());
    }
    Ok(())
}

/// Calls one tool and prints its answer.
///
/// # Errors
/// One sentence that says what to change, or what the tool said when it failed.
pub(crate) async fn run_call(args: CallArgs) -> anyhow::Result<()> {
    let result = client()?.call(&args.server, &args.tool, &args.arguments).await?;
    if args.json {
        say(&serde_json::to_string_pretty(&result)?);
    } else if result.is_error != Some(true) {
        say(text(&result)?.as_str());
    }
    if result.is_error == Some(true) {
        bail!("{} failed: {}", args.tool, text(&result)?);
    }
    Ok(())
}

/// Revokes the login at an MCP server and forgets it.
///
/// # Errors
/// One sentence that says what to change.
pub(crate) async fn run_logout(args: LogoutArgs) -> anyhow::Result<()> {
    say(&match client()?.logout(&args.server).await? {
        Logout::Revoked => format!("Logged out at {}.", args.server),
        Logout::Forgotten => format!(
            "The tokens for {} are forgotten here. \
             The authorization server takes no revocation of them, so they end when they expire.",
            args.server
        ),
        Logout::WasNotLoggedIn => format!("There was no login at {}.", args.server),
    });
    Ok(())
}

/// The client as this program wires it: the user's folder, the machine's clock, the terminal.
pub(super) fn client() -> anyhow::Result<Client<Terminal>> {
    let store = TokenStore::of_user(
        env::var_os("XDG_CONFIG_HOME").as_deref(),
        env::var_os("HOME").as_deref(),
    )?;
    Ok(Client::builder(store, Machine, Terminal).build()?)
}

fn parse_arguments(json: &str) -> Result<JsonObject, String> {
    serde_json::from_str(json)
        .map_err(|error| format!("{error}; write a JSON object, such as '{{\"title\": \"x\"}}'"))
}

/// The first sentence's line: what a list has room for.
fn summary(tool: &Tool) -> ForeignText {
    let text = tool
        .description
        .as_deref()
        .or(tool.title.as_deref())
        .unwrap_or_default();
    ForeignText::line(text.lines().next().unwrap_or_default())
}

/// The text parts of an answer; where there are none, its structured part or its parts as JSON.
fn text(result: &CallToolResult) -> anyhow::Result<ForeignText> {
    let texts: Vec<&str> = result
        .content
        .iter()
        .filter_map(|part| Some(part.as_text()?.text.as_str()))
        .collect();
    let text = match &result.structured_content {
        _ if texts.len() == result.content.len() && !texts.is_empty() => texts.join("\n"),
        Some(structured) => serde_json::to_string_pretty(structured)?,
        None => serde_json::to_string_pretty(&result.content)?,
    };
    Ok(ForeignText::lines(&text))
}

/// The machine's clock and its random bytes.
pub(super) struct Machine;

impl Host for Machine {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        SystemEntropy.fill(&mut bytes);
        bytes
    }
}

/// The person at the terminal.
pub(super) struct Terminal;

impl Interaction for Terminal {
    async fn open_url(&self, url: &Url) {
        let program = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        let browser = tokio::process::Command::new(program)
            .arg(url.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        note(match browser {
            Ok(_) => "Your browser opens for the login. If it does not, open this page:",
            Err(_) => "Open this page in a browser on this computer (elsewhere, use --no-browser):",
        });
        note(&format!("\n  {url}\n"));
    }

    fn show(&self, message: &str) {
        note(message);
    }

    async fn ask_code(&self) -> io::Result<Secret> {
        note("Paste the code from its last page:");
        let mut line = String::new();
        BufReader::new(tokio::io::stdin()).read_line(&mut line).await?;
        Ok(Secret::from(line))
    }
}

/// Says what happens on the way, beside the answer; where nobody listens, it goes unsaid.
pub(super) fn note(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
