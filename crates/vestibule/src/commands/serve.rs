//! `vestibule serve --config FILE`

use std::process::ExitCode;

use anyhow::Context as _;
use vestibule_telemetry::Telemetry;

use crate::cli::ConfigArgs;
use crate::config::{Config, Purpose};
use crate::service::{Listeners, Service, environment, listener, server};

/// Runs the broker until it is told to stop.
pub(crate) async fn run(args: ConfigArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config, Purpose::Serve, &environment::variable)?;
    let telemetry = Telemetry::start(&config.telemetry())?;
    for filled in &config.filled {
        tracing::info!("{filled}");
    }
    let secrets = config
        .secrets
        .clone()
        .context("the configuration names no master secret")?;
    let listen = &config.listen;
    let listeners = Listeners {
        public: listener::bind_all(&listen.addresses, "[listen] address").await?,
        operators: listener::bind_all(&listen.operators_addresses, "[listen] operators_address").await?,
    };
    let issuer = config.issuer.clone();
    let notice = listen.stop_notice;
    let service = Service::open(config, secrets, &telemetry).await?;
    let stop = server::stop_signal(service.leaving(), notice);
    tracing::info!(%issuer, "the broker is ready");
    let served = service.run(listeners, Vec::new(), stop).await;
    tokio::task::spawn_blocking(|| telemetry.finish()).await?;
    served?;
    Ok(ExitCode::SUCCESS)
}
