//! `vestibule demo-server`: the demo's MCP server alone.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use vestibule_demo::{DemoConfig, NotesStore, Tokens};
use vestibule_http::Leaving;
use vestibule_protocol::{Issuer, ResourceUri, Secret};
use vestibule_telemetry::{LogSettings, Settings, Telemetry};

use crate::cli::DemoServerArgs;
use crate::service::server::Served;
use crate::service::{data, environment, listener, server};

/// How long requests under way may take to finish once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// What the MCP server takes: with `--dpop`, bound tokens alone.
pub(super) fn tokens(bound_only: bool) -> Tokens {
    if bound_only { Tokens::Bound } else { Tokens::Any }
}

/// Runs the MCP server until it is told to stop, or its client hangs up.
pub(crate) async fn run(args: DemoServerArgs) -> anyhow::Result<ExitCode> {
    let logs = LogSettings::text(environment::log_filter("warn"));
    Telemetry::start(&Settings::of_logs(logs))?;
    let issuer = Issuer::parse(&args.issuer).with_context(|| format!("--issuer {}", args.issuer))?;
    let resource =
        ResourceUri::parse(&args.resource).with_context(|| format!("--resource {}", args.resource))?;
    let notes = match &args.data {
        Some(folder) => {
            data::make_folder(folder).with_context(|| format!("cannot keep data in {}", folder.display()))?;
            NotesStore::open(&folder.join("notes.redb"))?
        }
        None => NotesStore::in_memory()?,
    };
    let stop = server::stop_signal(Leaving::default(), Duration::ZERO);
    let config = DemoConfig {
        resource,
        issuer,
        tokens: tokens(args.dpop),
        notes,
        shutdown: stop.clone(),
    };
    if args.stdio {
        let token = environment::variable("VESTIBULE_TOKEN").map(Secret::new);
        vestibule_demo::serve_stdio(config, token).await?;
    } else {
        let listeners = listener::bind_all(&[args.listen], "--listen").await?;
        let app = vestibule_demo::router(config).await?;
        server::run(vec![Served::plain(listeners, app)], DRAIN, stop).await?;
    }
    Ok(ExitCode::SUCCESS)
}
