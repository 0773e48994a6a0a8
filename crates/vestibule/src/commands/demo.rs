//! `vestibule demo`: everything on this machine, ready to be tried.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use vestibule_demo::{DemoConfig, NotesStore, Tokens};
use vestibule_protocol::{Issuer, ResourceUri};
use vestibule_telemetry::Telemetry;

use super::demo_server::tokens;
use super::output::say;
use crate::cli::DemoArgs;
use crate::config::{Config, Outside, Purpose, StoreConfig};
use crate::service::server::Served;
use crate::service::{Listeners, Service, data, environment, listener, server};

/// The demo's configuration, compiled in so that the demo needs no file.
const CONFIG: &str = include_str!("../../../../config/dev.toml");

/// What the banner tells of each user.
const USERS: [(&str, &str, &str); 4] = [
    ("testuser", "testpass", "mcp:read mcp:write"),
    ("alice", "password123", "mcp:read mcp:write"),
    ("bob", "secret456", "mcp:read"),
    ("admin", "admin789", "mcp:read mcp:write mcp:admin"),
];

/// Runs broker and MCP server until the demo is told to stop.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    if args.port == args.mcp_port {
        return Err(anyhow!(
            "--port and --mcp-port are both {}; give them different ports",
            args.port
        ));
    }
    let mut config = configure(&args)?;
    config.logs.filter = environment::log_filter("warn,audit=warn");
    let telemetry = Telemetry::start(&config.telemetry())?;

    let broker = listener::bind_loopback(args.port, "--port").await?;
    let mcp = listener::bind_loopback(args.mcp_port, "--mcp-port").await?;
    let folder = if args.memory {
        None
    } else {
        Some(prepare_folder(&args)?)
    };
    if let Some(folder) = &folder {
        config.store = StoreConfig::File(folder.join("vestibule.redb"));
    }
    let resource = config.resources.first().map(|resource| resource.uri.clone());
    let resource = resource.context("the demo's configuration names no MCP server")?;
    let issuer = config.issuer.clone();
    let secrets = data::master_secret(folder.as_deref())?;
    let service = Service::open(config, secrets, &telemetry).await?;

    let notes = match &folder {
        Some(folder) => NotesStore::open(&folder.join("notes.redb"))?,
        None => NotesStore::in_memory()?,
    };
    let stop = server::stop_signal(service.leaving(), Duration::ZERO);
    let demo = vestibule_demo::router(DemoConfig {
        resource,
        issuer,
        tokens: tokens(args.dpop),
        notes,
        shutdown: stop.clone(),
    })
    .await?;

    announce(&args, folder.as_deref());
    let listeners = Listeners {
        public: broker,
        operators: Vec::new(),
    };
    let served = service.run(listeners, vec![Served::plain(mcp, demo)], stop).await;
    tokio::task::spawn_blocking(|| telemetry.finish()).await?;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// The compiled-in configuration, at the ports that were asked for.
fn configure(args: &DemoArgs) -> anyhow::Result<Config> {
    let outside = Outside {
        env: &environment::variable,
        folder: Path::new("."),
    };
    let mut config = Config::parse(Path::new("config/dev.toml"), CONFIG, Purpose::Demo, &outside)?;
    config.issuer = Issuer::parse(&format!("http://localhost:{}", args.port))?;
    for resource in &mut config.resources {
        resource.uri = ResourceUri::parse(&format!("http://localhost:{}/mcp", args.mcp_port))?;
    }
    config.store = StoreConfig::Memory;
    Ok(config)
}

fn prepare_folder(args: &DemoArgs) -> anyhow::Result<PathBuf> {
    let folder = match &args.data {
        Some(folder) => folder.clone(),
        None => environment::data_folder()
            .map(|folder| folder.join("demo"))
            .context("there is no home directory to keep the demo's data in; name a directory with --data, or use --memory")?,
    };
    data::make_folder(&folder).with_context(|| {
        format!(
            "cannot keep data in {}; name another directory with --data, or use --memory",
            folder.display()
        )
    })?;
    Ok(folder)
}

fn announce(args: &DemoArgs, folder: Option<&Path>) {
    let DemoArgs { port, mcp_port, .. } = args;
    let mcp = format!("http://localhost:{mcp_port}/mcp");
    let access = match tokens(args.dpop) {
        Tokens::Any => "with any access token for it",
        Tokens::Bound => "only with an access token that is bound to a key (DPoP)",
    };
    let data = folder.map_or_else(
        || "in memory, gone at the end".to_owned(),
        |folder| folder.display().to_string(),
    );
    let users = USERS
        .map(|(name, password, scopes)| format!("    {name:<9} {password:<12} {scopes}"))
        .join("\n");
    say(&format!(
        "Vestibule demo\n
  Broker      http://localhost:{port}
  MCP server  {mcp}
  Access      {access}
  Data        {data}\n
  Users
{users}\n
  Connect
    Claude Code   claude mcp add --transport http vestibule-demo {mcp}
    VS Code       code --add-mcp '{{\"name\":\"vestibule-demo\",\"type\":\"http\",\"url\":\"{mcp}\"}}'
    Cursor        {{\"mcpServers\":{{\"vestibule-demo\":{{\"url\":\"{mcp}\"}}}}}}  in ~/.cursor/mcp.json
    Inspector     npx @modelcontextprotocol/inspector --transport http --server-url {mcp}
    This program  vestibule login {mcp}\n
  Ctrl-C stops it."
    ));
}
