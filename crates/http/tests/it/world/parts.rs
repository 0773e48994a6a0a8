//! The broker's parts, as a test wants them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use tower::ServiceExt as _;
use vestibule_broker::settings::{
    ClientAssertionSettings, ClientDocumentSettings, ConfiguredClient, DpopBinding, DpopSettings,
    GrantSettings, Lifetimes, LimitSettings, Policy, RegistrationSettings, Resource, Resources, ScopeText,
    Settings,
};
use vestibule_broker::store::Store;
use vestibule_broker::{Broker, Entropy, ManualClock, MasterSecrets};
use vestibule_http::{AppState, Appearance, Leaving, TrustedProxies, health_router, router};
use vestibule_jose::Algorithm;
use vestibule_keyring::MasterSecret;
use vestibule_protocol::{
    AuthMethod, ClientId, GrantType, Issuer, ProviderId, RedirectPolicy, RedirectUri, ResourceUri, Scope,
    ScopeSet, Secret, Timestamp,
};
use vestibule_provider::Provider;
use vestibule_provider_local::{LocalProvider, LocalUser, Password};
use vestibule_store_embedded::Embedded;

use super::Answer;

pub(crate) const ROOT: &str = "http://localhost:3009";
pub(crate) const TENANT: &str = "https://auth.example/tenant";

/// A broker behind its router.
pub(crate) struct World {
    pub(crate) router: Router,
    /// What operators alone can reach.
    pub(crate) health: Router,
    /// Whether the program is about to stop.
    pub(crate) leaving: Leaving,
    pub(crate) base: String,
    pub(crate) entropy: Arc<Counting>,
}

/// What a world is made of.
pub(crate) struct Parts {
    pub(crate) issuer: &'static str,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) providers: Vec<Arc<dyn Provider>>,
    pub(crate) error_page: Option<String>,
    pub(crate) grants: GrantSettings,
    pub(crate) limits: LimitSettings,
    pub(crate) proxies: TrustedProxies,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            issuer: ROOT,
            store: Arc::new(Embedded::in_memory()),
            providers: vec![local("local", "Local users")],
            error_page: None,
            grants: GrantSettings::default(),
            limits: LimitSettings::default(),
            proxies: TrustedProxies::default(),
        }
    }
}

impl Parts {
    pub(crate) async fn build(self) -> World {
        let entropy = Arc::new(Counting::default());
        let issuer = Issuer::parse(self.issuer).unwrap();
        let base = issuer.path().to_owned();
        let settings = Settings {
            issuer,
            resources: Resources::new(vec![notes()], None),
            clients: vec![confidential_client(), terminal()],
            signing_algorithm: Algorithm::Es256,
            lifetimes: Lifetimes::default(),
            policy: Policy::default(),
            registration: RegistrationSettings {
                enabled: true,
                initial_access_token: None,
                redirects: RedirectPolicy::default(),
                secret_for_hosts: Vec::new(),
            },
            client_documents: ClientDocumentSettings::default(),
            client_assertions: ClientAssertionSettings::default(),
            grants: self.grants,
            dpop: DpopSettings::default(),
            quiet_logout: BTreeSet::new(),
            limits: self.limits,
            login_domains: std::collections::BTreeMap::new(),
            error_page: self.error_page,
        };
        let parts = vestibule_broker::Parts {
            store: self.store,
            providers: self.providers,
            documents: Arc::new(vestibule_broker::NoDocuments),
            secrets: MasterSecrets {
                current: MasterSecret::from_bytes([7; 32]).unwrap(),
                previous: Vec::new(),
            },
            clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_795_244_400))),
            entropy: entropy.clone(),
        };
        let broker = Arc::new(Broker::open(settings, parts).await.unwrap());
        let leaving = Leaving::default();
        let health = health_router(broker.clone(), leaving.clone());
        let state = AppState {
            broker,
            entropy: Arc::new(Counting::default()),
            appearance: Appearance::default(),
            proxies: self.proxies,
        };
        World {
            router: router(state),
            health,
            leaving,
            base,
            entropy,
        }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Parts::default().build().await
    }

    pub(crate) async fn of(issuer: &'static str) -> Self {
        Parts {
            issuer,
            ..Parts::default()
        }
        .build()
        .await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Asks what operators alone can ask.
    pub(crate) async fn get_health(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        Answer::of(self.health.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> Answer {
        self.ask(
            Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post(path, "application/x-www-form-urlencoded", form(fields))
            .await
    }

    pub(crate) async fn post(&self, path: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        self.ask(
            Request::post(path)
                .header(CONTENT_TYPE, media_type)
                .body(body.into())
                .unwrap(),
        )
        .await
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

pub(crate) fn local(id: &str, name: &str) -> Arc<dyn Provider> {
    let alice = LocalUser {
        username: "alice".to_owned(),
        password: Password::plain(Secret::new("password123")),
        name: Some("Alice Liddell".to_owned()),
        email: None,
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: ScopeSet::parse("mcp:read mcp:write").unwrap(),
    };
    let id = ProviderId::parse(id).unwrap();
    Arc::new(LocalProvider::new(id, name.to_owned(), vec![alice]).unwrap())
}

fn notes() -> Resource {
    let scope = |scope: &str, text: &str| ScopeText {
        scope: Scope::parse(scope).unwrap(),
        text: text.to_owned(),
        implies: ScopeSet::default(),
    };
    Resource {
        uri: ResourceUri::parse("http://localhost:3001/mcp").unwrap(),
        name: "Notes".to_owned(),
        scopes: vec![
            scope("mcp:read", "Read your notes"),
            scope("mcp:write", "Write notes in your name"),
            scope("mcp:admin", "Administer the server"),
        ],
        default_scopes: ScopeSet::parse("mcp:read").unwrap(),
        access_token_lifetime: None,
        providers: None,
        dpop: DpopBinding::AsProved,
    }
}

fn confidential_client() -> ConfiguredClient {
    ConfiguredClient {
        id: ClientId::parse("mcp-test-client").unwrap(),
        name: Some("Test client".to_owned()),
        secret: Some(Secret::new("mcp-test-secret")),
        keys: None,
        auth_method: AuthMethod::ClientSecretBasic,
        redirect_uris: vec![RedirectUri::parse("urn:ietf:wg:oauth:2.0:oob").unwrap()],
        post_logout_redirect_uris: Vec::new(),
        must_push: false,
        dpop: DpopBinding::AsProved,
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        scopes: None,
        introspects: vec![ResourceUri::parse("http://localhost:3001/mcp").unwrap()],
    }
}

/// A client on a device without a browser.
fn terminal() -> ConfiguredClient {
    ConfiguredClient {
        id: ClientId::parse("terminal").unwrap(),
        name: Some("Terminal".to_owned()),
        secret: None,
        keys: None,
        auth_method: AuthMethod::None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        must_push: false,
        dpop: DpopBinding::AsProved,
        grant_types: vec![GrantType::DeviceCode, GrantType::RefreshToken],
        scopes: None,
        introspects: Vec::new(),
    }
}

/// Counts instead of drawing, so that snapshots stand still; panics when a test says so.
#[derive(Default)]
pub(crate) struct Counting {
    drawn: AtomicU64,
    pub(crate) broken: AtomicBool,
}

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(
            !self.broken.load(Ordering::SeqCst),
            "a secret in a panic's message"
        );
        let seed = self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = seed[index % seed.len()].wrapping_add(u8::try_from(index % 251).unwrap());
        }
    }
}
