//! A broker in memory or on disk, with an MCP server, a user and clients.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tower::ServiceExt as _;
use vestibule_broker::settings::{
    ClientAssertionSettings, ClientDocumentSettings, ConfiguredClient, DpopBinding, DpopSettings,
    GrantSettings, Lifetimes, LimitSettings, Policy, RegistrationSettings, Resource, Resources, ScopeText,
    Settings,
};
use vestibule_broker::store::{Quota, Store};
use vestibule_broker::{
    Broker, Browser, CookieChange, Decision, LimitRule, MasterSecrets, Next, Parts, SystemClock,
    SystemEntropy,
};
use vestibule_guard::{Fetch, FetchError};
use vestibule_http::{AppState, Appearance, TrustedProxies, router};
use vestibule_jose::Algorithm;
use vestibule_keyring::MasterSecret;
use vestibule_protocol::{
    AuthMethod, ClientId, GrantType, Issuer, Params, ProviderId, RedirectPolicy, RedirectUri, ResourceUri,
    Scope, ScopeSet, Secret, TokenResponse,
};
use vestibule_provider_local::{LocalProvider, LocalUser, Password};
use vestibule_store_embedded::Embedded;

/// The broker's issuer.
pub const ISSUER: &str = "http://localhost:3009";
/// The MCP server.
pub const RESOURCE: &str = "http://localhost:3001/mcp";
/// The confidential client's id, and its secret.
pub const CLIENT: (&str, &str) = ("bench", "the secret of the benchmark");
/// Where codes go.
pub const CALLBACK: &str = "https://app.example/callback";
/// The verifier and challenge of [RFC 7636 B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
pub const PKCE: (&str, &str) = (
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
);

/// A broker and its routes.
#[derive(Clone)]
pub struct World {
    /// The broker.
    pub broker: Arc<Broker>,
    /// Its routes.
    pub app: axum::Router,
}

impl World {
    /// A broker that keeps everything in memory.
    pub async fn in_memory() -> Self {
        Self::on(Arc::new(Embedded::in_memory())).await
    }

    /// A broker that keeps everything in a file.
    pub async fn on_disk(path: &Path) -> Self {
        Self::on(Arc::new(Embedded::open(path).expect("a store"))).await
    }

    /// A broker that keeps everything in this store.
    pub async fn on(store: Arc<dyn Store>) -> Self {
        let parts = Parts {
            store,
            providers: vec![Arc::new(provider())],
            documents: Arc::new(vestibule_broker::NoDocuments),
            secrets: MasterSecrets {
                current: master_secret(),
                previous: Vec::new(),
            },
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        let broker = Arc::new(Broker::open(settings(), parts).await.expect("a broker"));
        let state = AppState {
            broker: broker.clone(),
            entropy: Arc::new(SystemEntropy),
            appearance: Appearance::default(),
            proxies: TrustedProxies::default(),
        };
        Self {
            broker,
            app: router(state),
        }
    }

    /// A browser in which the user is logged in and has agreed, so that a request is answered with a code at once.
    pub async fn agreed_browser(&self) -> Browser {
        let mut browser = Browser::default();
        let turn = self
            .broker
            .authorize(&authorization(), &browser)
            .await
            .expect("a walk");
        let ticket = follow(&mut browser, turn.cookies, turn.next).expect("a page");
        let field = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
        let fields = BTreeMap::from([field("username", "ada"), field("password", "lovelace")]);
        let turn = self
            .broker
            .submit_login(&ticket, &browser, fields)
            .await
            .expect("a login");
        // Whoever agreed before is not asked again.
        if let Some(ticket) = follow(&mut browser, turn.cookies, turn.next) {
            let decision = Decision::Approve { scopes: scopes() };
            self.broker
                .decide(&ticket, &browser, decision)
                .await
                .expect("a code");
        }
        browser
    }

    /// A code for the browser's user.
    pub async fn code(&self, browser: &Browser) -> String {
        let turn = self
            .broker
            .authorize(&authorization(), browser)
            .await
            .expect("a code");
        let Next::Client(redirect) = turn.next else {
            panic!("consent was not remembered")
        };
        let query = redirect.location.split_once('?').expect("a query").1;
        let code = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("code="))
            .expect("a code");
        code.to_owned()
    }

    /// A session's first tokens.
    pub async fn tokens(&self, browser: &Browser) -> TokenResponse {
        let code = self.code(browser).await;
        let form = Params::parse_form(redemption(&code).as_bytes()).unwrap();
        self.broker.token(None, None, &form).await.expect("tokens")
    }
}

/// What the broker's keys are sealed with and its refresh tokens are derived from.
pub fn master_secret() -> MasterSecret {
    MasterSecret::from_bytes([7; 32]).unwrap()
}

/// The body of a redemption.
pub fn redemption(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&client_id={}&client_secret={}&code_verifier={}&redirect_uri={CALLBACK}",
        CLIENT.0,
        CLIENT.1.replace(' ', "+"),
        PKCE.0
    )
}

/// The body of a refresh.
pub fn refresh(token: &str) -> String {
    format!(
        "grant_type=refresh_token&refresh_token={token}&client_id={}&client_secret={}&resource={RESOURCE}",
        CLIENT.0,
        CLIENT.1.replace(' ', "+")
    )
}

/// An authorization request.
pub fn authorization() -> Params {
    [
        ("client_id", CLIENT.0),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", PKCE.1),
        ("code_challenge_method", "S256"),
        ("resource", RESOURCE),
        ("scope", "mcp:read offline_access"),
        ("state", "the state"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// Keeps the cookies; the ticket of the page that comes next, if one does.
fn follow(browser: &mut Browser, cookies: Vec<CookieChange>, next: Next) -> Option<String> {
    for change in cookies {
        match change {
            CookieChange::SetBinding(value) => browser.binding = Some(value),
            CookieChange::SetLogin { value, .. } => browser.login = Some(value),
            CookieChange::ClearLogin => browser.login = None,
            CookieChange::SetProvider(id) => browser.last_provider = Some(id),
            CookieChange::SetWayBack { .. } | CookieChange::ClearWayBack => {}
            CookieChange::SetDevices(marks) => browser.devices = Some(marks),
        }
    }
    match next {
        Next::Interact { ticket } => Some(ticket.expose().to_owned()),
        Next::Upstream(_) | Next::Client(_) | Next::Device { .. } | Next::ShowCode { .. } => None,
    }
}

fn scopes() -> ScopeSet {
    ScopeSet::parse("mcp:read offline_access").unwrap()
}

fn provider() -> LocalProvider {
    let user = LocalUser {
        username: "ada".to_owned(),
        password: Password::plain(Secret::new("lovelace")),
        name: None,
        email: None,
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: scopes(),
    };
    LocalProvider::new(
        ProviderId::parse("local").unwrap(),
        "local".to_owned(),
        vec![user],
    )
    .unwrap()
}

/// The limits as they are shipped, but for one: the user of a benchmark asks for more tokens than any other.
fn limits() -> LimitSettings {
    let mut limits = LimitSettings::default();
    limits.rule_mut(LimitRule::Issuance).quota = Quota {
        burst: u32::MAX,
        per: std::time::Duration::from_nanos(1),
    };
    limits
}

fn settings() -> Settings {
    let resource = Resource {
        uri: ResourceUri::parse(RESOURCE).unwrap(),
        name: "Bench".to_owned(),
        scopes: vec![ScopeText {
            scope: Scope::parse("mcp:read").unwrap(),
            text: "Read".to_owned(),
            implies: ScopeSet::default(),
        }],
        default_scopes: ScopeSet::parse("mcp:read").unwrap(),
        access_token_lifetime: None,
        providers: None,
        dpop: DpopBinding::AsProved,
    };
    let client = ConfiguredClient {
        id: ClientId::parse(CLIENT.0).unwrap(),
        name: None,
        secret: Some(Secret::new(CLIENT.1)),
        keys: None,
        auth_method: AuthMethod::ClientSecretPost,
        redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
        post_logout_redirect_uris: Vec::new(),
        must_push: false,
        dpop: DpopBinding::AsProved,
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scopes: None,
        introspects: vec![ResourceUri::parse(RESOURCE).unwrap()],
    };
    Settings {
        issuer: Issuer::parse(ISSUER).unwrap(),
        resources: Resources::new(vec![resource], None),
        clients: vec![client],
        lifetimes: Lifetimes {
            code: std::time::Duration::from_secs(600),
            ..Lifetimes::default()
        },
        signing_algorithm: Algorithm::Es256,
        policy: Policy::default(),
        registration: RegistrationSettings {
            enabled: true,
            initial_access_token: None,
            redirects: RedirectPolicy::default(),
            secret_for_hosts: Vec::new(),
        },
        client_documents: ClientDocumentSettings::default(),
        client_assertions: ClientAssertionSettings::default(),
        grants: GrantSettings::default(),
        dpop: DpopSettings::default(),
        quiet_logout: std::collections::BTreeSet::new(),
        limits: limits(),
        login_domains: std::collections::BTreeMap::new(),
        error_page: None,
    }
}

/// Lets a guard reach the broker without a network.
pub struct InProcess(pub axum::Router);

#[async_trait]
impl Fetch for InProcess {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, axum::body::Body::from(body));
        let answer = self
            .0
            .clone()
            .oneshot(request)
            .await
            .map_err(|never| match never {})?;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20)
            .await
            .map_err(|error| FetchError::Unreachable(error.into()))?;
        Ok(Response::from_parts(parts, body))
    }
}
