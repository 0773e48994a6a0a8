//! `vestibule login`, `tools`, `call` and `logout`: the program as an MCP client.
//!
//! Answers go to standard output; what is said on the way (addresses, progress) goes to standard error.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs};

use super::output::say;
use anyhow::{Context as _, bail};
use clap::Args;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use url::Url;
use vestibule_broker::{Clock as _, Entropy as _, SystemClock, SystemEntropy};
use vestibule_client::{
    CallToolResult, Client, Enrolment, ForeignText, Handoff, Host, Interaction, JsonObject, LoginRequest,
    Logout, McpUrl, OwnLogin, TokenStore, Tool,
};
use vestibule_protocol::{ClientId, ScopeSet, Secret, Timestamp};

/// `vestibule login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The MCP server, for example http://localhost:3001/mcp
    #[arg(value_name = "MCP_URL")]
    server: McpUrl,
    /// Print the address to open, and ask for the code that its last page shows
    #[arg(long)]
    no_browser: bool,
    /// The scopes to ask for, separated by spaces [default: those that the server suggests]
    #[arg(long, value_name = "SCOPES")]
    scope: Option<ScopeSet>,
    /// The id under which the authorization server knows this client [default: register]
    #[arg(long, value_name = "ID")]
    client_id: Option<ClientId>,
    /// The environment variable that holds the client's secret
    #[arg(long, value_name = "NAME", requires = "client_id")]
    client_secret_env: Option<String>,
    /// The file that holds the client's secret
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        conflicts_with = "client_secret_env"
    )]
    client_secret_file: Option<PathBuf>,
    /// Log in as the client itself, for nobody else: a service with an id and a secret
    #[arg(long, requires = "client_id", conflicts_with = "no_browser")]
    client_credentials: bool,
}

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

/// Logs in at an MCP server and keeps the tokens.
///
/// # Errors
/// One sentence that says what to change.
pub(crate) async fn run_login(args: LoginArgs) -> anyhow::Result<()> {
    let secret = match (&args.client_secret_env, &args.client_secret_file) {
        (Some(variable), _) => Some(secret_from(variable)?),
        (None, Some(file)) => Some(secret_in(file)?),
        (None, None) => None,
    };
    let login = match (args.client_credentials, args.client_id) {
        (true, Some(id)) => {
            let secret = secret
                .context("--client-credentials takes the client's secret: add --client-secret-env or --client-secret-file")?;
            let own = OwnLogin {
                id,
                secret,
                scope: args.scope,
            };
            client()?.login_as_itself(&args.server, &own).await?
        }
        (_, id) => {
            let request = LoginRequest {
                handoff: if args.no_browser {
                    Handoff::CopiedCode
                } else {
                    Handoff::Loopback
                },
                scope: args.scope,
                enrolment: id.map_or(Enrolment::Dynamic, |id| Enrolment::Known { id, secret }),
            };
            client()?.login(&args.server, &request).await?
        }
    };
    let scope = if login.scope.is_empty() {
        "no scopes".to_owned()
    } else {
        login.scope.to_string()
    };
    say(&format!(
        "Logged in at {} with {scope} ({}).",
        args.server, login.issuer
    ));
    if !login.renewable {
        note("There is no refresh token: when the access token expires, log in again.");
    }
    Ok(())
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
             The authorization server takes no revocations, so they end when they expire.",
            args.server
        ),
        Logout::WasNotLoggedIn => format!("There was no login at {}.", args.server),
    });
    Ok(())
}

/// The client as this program wires it: the user's folder, the machine's clock, the terminal.
fn client() -> anyhow::Result<Client<Terminal>> {
    let store = TokenStore::of_user(
        env::var_os("XDG_CONFIG_HOME").as_deref(),
        env::var_os("HOME").as_deref(),
    )?;
    Ok(Client::builder(store, Machine, Terminal).build()?)
}

fn secret_from(variable: &str) -> anyhow::Result<Secret> {
    let value =
        env::var_os(variable).with_context(|| format!("the environment has no variable {variable}"))?;
    let value = value.into_string().ok().filter(|value| !value.is_empty());
    value
        .map(Secret::from)
        .with_context(|| format!("the environment variable {variable} is empty or not text"))
}

fn secret_in(file: &Path) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let line = text.trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        bail!("{} is empty", file.display());
    }
    Ok(Secret::new(line))
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
fn note(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
