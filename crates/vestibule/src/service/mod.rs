//! What a running broker is made of.

mod connections;
pub(crate) mod data;
pub(crate) mod environment;
pub(crate) mod listener;
mod observed;
pub(crate) mod operators;
pub(crate) mod registry;
pub(crate) mod server;
mod store;
mod upkeep;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vestibule_broker::{Broker, MasterSecrets, Parts, SystemClock, SystemEntropy};
use vestibule_http::AppState;
use vestibule_telemetry::{Scrape, Telemetry};

use crate::config::Config;
use store::OpenStore;

/// A broker with all its parts, ready to serve.
pub(crate) struct Service {
    broker: Arc<Broker>,
    store: OpenStore,
    app: Router,
    operators: Option<operators::OperatorSocket>,
    scrape: Option<Scrape>,
}

impl Service {
    /// Puts the parts together.
    pub(crate) async fn open(
        config: Config,
        secrets: MasterSecrets,
        telemetry: &Telemetry,
    ) -> anyhow::Result<Self> {
        let store = OpenStore::open(&config.store).await?;
        let operators = operators::socket_of(&config)
            .map(|path| operators::OperatorSocket::bind(&path))
            .transpose()?;
        let providers = config
            .providers
            .iter()
            .map(registry::build)
            .collect::<anyhow::Result<_>>()?;
        let appearance = config.appearance.clone();
        let proxies = config.proxies.clone();
        let parts = Parts {
            store: observed::store(store.shared(), store.backend()),
            providers,
            secrets,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        let broker = Arc::new(Broker::open(config.into_settings(), parts).await?);
        observed::keys(&broker);
        observed::sessions(&store);
        let entropy = Arc::new(SystemEntropy);
        let app = vestibule_http::router(AppState {
            broker: broker.clone(),
            entropy,
            appearance,
            proxies,
        });
        Ok(Self {
            broker,
            store,
            app,
            operators,
            scrape: telemetry.scrape().cloned(),
        })
    }

    /// Serves until `stop` is cancelled, drains, and closes the store.
    pub(crate) async fn run(
        self,
        listeners: Vec<TcpListener>,
        beside: Vec<(Vec<TcpListener>, Router)>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let upkeep = tokio::spawn(upkeep::run(self.broker.clone(), self.store.clone(), stop.clone()));
        let operators = self
            .operators
            .map(|socket| tokio::spawn(socket.serve(self.broker.clone(), self.scrape, stop.clone())));
        let mut apps = vec![(listeners, self.app)];
        apps.extend(beside);
        let served = server::run(apps, stop).await;
        if let Some(operators) = operators {
            operators.await?;
        }
        upkeep.await?;
        self.store.close().await?;
        served
    }
}
