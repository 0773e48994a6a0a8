//! What a running broker is made of.

mod connections;
pub(crate) mod data;
mod documents;
pub(crate) mod environment;
pub(crate) mod listener;
mod observed;
pub(crate) mod operators;
pub(crate) mod registry;
pub(crate) mod server;
mod store;
pub(crate) mod tls;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vestibule_broker::{Broker, MasterSecrets, Parts, SystemClock, SystemEntropy};
use vestibule_http::{AppState, Leaving};
use vestibule_telemetry::{Scrape, Telemetry};

use crate::config::Config;
use connections::Transport;
use documents::ClientHosts;
use server::Served;
use store::OpenStore;
use tls::Tls;

/// How long whoever watches over the broker may take for the last answer.
const WATCHERS: Duration = Duration::from_secs(1);

/// A broker with all its parts, ready to serve.
pub(crate) struct Service {
    broker: Arc<Broker>,
    store: OpenStore,
    app: Router,
    tls: Option<Arc<Tls>>,
    operators: Option<operators::OperatorSocket>,
    scrape: Option<Scrape>,
    leaving: Leaving,
    drain: Duration,
}

/// Where a service is reached.
#[derive(Default)]
pub(crate) struct Listeners {
    /// By clients, browsers and MCP servers.
    pub(crate) public: Vec<TcpListener>,
    /// By whoever watches over it.
    pub(crate) operators: Vec<TcpListener>,
}

impl Service {
    /// Puts the parts together.
    pub(crate) async fn open(
        config: Config,
        secrets: MasterSecrets,
        telemetry: &Telemetry,
    ) -> anyhow::Result<Self> {
        let store = OpenStore::open(&config.store).await?;
        let tls = config.listen.tls.clone();
        let tls = tls.map(|files| Tls::open(files, &config.issuer, Arc::new(SystemClock)));
        let tls = tls.transpose()?.map(Arc::new);
        let drain = config.listen.drain;
        let operators = operators::socket_of(&config)
            .map(|path| operators::OperatorSocket::bind(&path))
            .transpose()?;
        let providers = config
            .providers
            .iter()
            .map(registry::build)
            .collect::<anyhow::Result<Vec<_>>>()?;
        observed::logins(&providers);
        let appearance = config.appearance.clone();
        let proxies = config.proxies.clone();
        let parts = Parts {
            store: observed::store(store.shared(), store.backend()),
            providers,
            documents: Arc::new(ClientHosts::new(
                config.client_documents.hosts,
                &config.grants.trusted_issuers,
            )?),
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
            tls,
            operators,
            scrape: telemetry.scrape().cloned(),
            leaving: Leaving::default(),
            drain,
        })
    }

    /// What says from when on the program is about to stop.
    pub(crate) fn leaving(&self) -> Leaving {
        self.leaving.clone()
    }

    /// Serves until `stop` is cancelled, drains, and closes the store. Operators are answered until the last request is.
    pub(crate) async fn run(
        self,
        listeners: Listeners,
        beside: Vec<Served>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let drained = CancellationToken::new();
        let upkeep = tokio::spawn(upkeep::run(self.broker.clone(), self.store.clone(), stop.clone()));
        let watched = self.tls.clone().map(|tls| tokio::spawn(tls.watch(stop.clone())));
        let health = vestibule_http::health_router(self.broker.clone(), self.leaving);
        let metrics = self.scrape.map(vestibule_http::metrics_router);
        let watched_over = health.merge(metrics.unwrap_or_default());
        let watchers = vec![Served::plain(listeners.operators, watched_over.clone())];
        let watchers = tokio::spawn(server::run(watchers, WATCHERS, drained.clone()));
        let operators = self
            .operators
            .map(|socket| tokio::spawn(socket.serve(self.broker.clone(), watched_over, drained.clone())));
        let mut apps = vec![Served {
            listeners: listeners.public,
            app: self.app,
            transport: self.tls.map_or(Transport::Plain, Transport::Tls),
        }];
        apps.extend(beside);
        let served = server::run(apps, self.drain, stop.clone()).await;
        // Perhaps nobody asked for the end.
        stop.cancel();
        drained.cancel();
        if let Some(operators) = operators {
            operators.await?;
        }
        watchers.await??;
        if let Some(watched) = watched {
            watched.await?;
        }
        upkeep.await?;
        self.store.close().await?;
        served
    }
}
