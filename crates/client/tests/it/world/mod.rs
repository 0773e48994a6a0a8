//! A world with one MCP server, its authorization server and a person at a browser, on one port.

mod authorization_server;
mod mcp_server;
mod visitor;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use vestibule_client::{
    Client, Enrolment, Handoff, Host, JsonObject, Limits, Login, LoginError, LoginRequest, McpUrl, Probe,
    Profile, Report, TokenStore,
};
use vestibule_protocol::Timestamp;

pub(crate) use authorization_server::Ledger;
pub(crate) use visitor::Visitor;

/// What the world does differently from a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Twist {
    // The MCP server.
    NoEndpoint,
    NoChallenge,
    NoChallengedScope,
    OpenToAll,
    ForeignResource,
    HostMetadata,
    NoAuthorizationServer,
    TokensNeverGood,
    ScopesNeverEnough,
    BareForbidden,
    // Discovery of the authorization server.
    IssuerWithPath,
    OpenIdAppendedOnly,
    ForeignIssuer,
    SlashedIssuer,
    NoPkce,
    PlainPkce,
    HugeMetadata,
    SilentMetadata,
    HtmlMetadata,
    RedirectedMetadata,
    FileTokenEndpoint,
    NoRegistration,
    NoRevocation,
    // Registration and the answer of the authorization endpoint.
    RegistrationRefused,
    SecretsOnly,
    OtherState,
    TwoStates,
    NoIss,
    OtherIss,
    Denial,
    NoCode,
    // Tokens.
    TokenRedirect,
    TokenInClearText,
    DpopToken,
    NoRefreshToken,
    RefreshRefused,
    RefreshUnavailable,
    RevocationFails,
    NoMoreScopes,
}

/// Everything at once.
pub(crate) struct World {
    pub(crate) server: McpUrl,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) visitor: Visitor,
    pub(crate) clock: Clock,
    limits: Limits,
    home: TempDir,
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Clock(Arc<std::sync::Mutex<Timestamp>>);

impl Clock {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = *now + by;
    }
}

struct Machine {
    clock: Clock,
    draws: AtomicU8,
}

impl Host for Machine {
    fn now(&self) -> Timestamp {
        *self.clock.0.lock().unwrap()
    }

    fn random(&self) -> [u8; 32] {
        [self.draws.fetch_add(1, Ordering::SeqCst); 32]
    }
}

impl World {
    pub(crate) async fn good() -> Self {
        Self::with([]).await
    }

    pub(crate) async fn with(twists: impl IntoIterator<Item = Twist>) -> Self {
        let twists: BTreeSet<Twist> = twists.into_iter().collect();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let ledger = Arc::new(Ledger::new(origin.clone(), twists));
        let router = authorization_server::router(&ledger).merge(mcp_server::router(&ledger));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            server: McpUrl::parse(&format!("{origin}/mcp")).unwrap(),
            ledger,
            visitor: Visitor::default(),
            clock: Clock(Arc::new(std::sync::Mutex::new(Timestamp::from_secs(
                1_800_000_000,
            )))),
            limits: Limits::default(),
            home: TempDir::new().unwrap(),
        }
    }

    /// The client waits for nobody longer than half a second.
    pub(crate) fn in_a_hurry(mut self) -> Self {
        self.limits.answer = Duration::from_millis(500);
        self.limits.sign_in = Duration::from_millis(500);
        self
    }

    /// A client of its own, as another process would be, on the same folder.
    pub(crate) fn client(&self) -> Client<Visitor> {
        let store = TokenStore::of_user(None, Some(self.home.path().as_os_str())).unwrap();
        let machine = Machine {
            clock: self.clock.clone(),
            draws: AtomicU8::new(1),
        };
        Client::builder(store, machine, self.visitor.clone())
            .limits(self.limits.clone())
            .build()
            .unwrap()
    }

    /// What a probe sees of the server.
    pub(crate) async fn look_as(&self, profile: &str) -> Report {
        let machine = Machine {
            clock: self.clock.clone(),
            draws: AtomicU8::new(1),
        };
        let profile: Profile = profile.parse().unwrap();
        Probe::new(machine).unwrap().look(&self.server, &profile).await
    }

    pub(crate) async fn log_in(&self) -> Result<Login, LoginError> {
        self.log_in_as(&dynamic()).await
    }

    pub(crate) async fn log_in_as(&self, request: &LoginRequest) -> Result<Login, LoginError> {
        self.client().login(&self.server, request).await
    }

    /// The sentence with which a login fails.
    pub(crate) async fn failed_login(&self) -> String {
        self.log_in().await.unwrap_err().to_string()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join(".config/vestibule/servers")
    }

    /// The file that keeps the login, if there is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let files = std::fs::read_dir(self.folder()).ok()?;
        files
            .map(|file| file.unwrap().path())
            .find(|path| path.extension().is_some_and(|extension| extension == "json"))
    }
}

/// A login with nothing said in advance.
pub(crate) fn dynamic() -> LoginRequest {
    LoginRequest {
        handoff: Handoff::Loopback,
        scope: None,
        enrolment: Enrolment::Dynamic,
    }
}

pub(crate) fn no_arguments() -> JsonObject {
    JsonObject::new()
}
