//! A world with one MCP server, its authorization server and a person at a browser, on one port.

mod authorization_server;
mod identity_provider;
mod keys;
mod ledger;
mod mcp_server;
mod proofs;
mod visitor;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use vestibule_client::{
    Binding, Client, ClientCredential, Enrolment, Entrance, Handoff, Host, JsonObject, KnownClient, Limits,
    Login, LoginError, LoginRequest, McpUrl, Probe, Profile, Report, TokenStore, UnattendedLogin,
};
use vestibule_protocol::{ClientId, Timestamp};

pub(crate) use keys::KeyPair;
pub(crate) use ledger::Ledger;
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
    IssuerWithSlash,
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
    // Proofs of possession.
    TakesProofs,
    IgnoresProofs,
    AsksForNonces,
    NoncesNeverGood,
    McpTakesProofs,
    McpTakesProofsOf384,
    McpTakesBoundAlone,
    McpAsksForNonces,
    McpNoncesNeverGood,
    // Keys and identity providers.
    Rs512Alone,
    IdpRefuses,
    IdpGivesSomethingElse,
}

/// Everything at once.
pub(crate) struct World {
    pub(crate) server: McpUrl,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) visitor: Visitor,
    pub(crate) clock: Clock,
    limits: Limits,
    home: TempDir,
    draws: Arc<AtomicU8>,
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
    draws: Arc<AtomicU8>,
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
        let clock = Clock(Arc::clone(&ledger.clock));
        let router = authorization_server::router(&ledger)
            .merge(identity_provider::router(&ledger))
            .merge(mcp_server::router(&ledger));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            server: McpUrl::parse(&format!("{origin}/mcp")).unwrap(),
            ledger,
            visitor: Visitor::default(),
            clock,
            limits: Limits::default(),
            home: TempDir::new().unwrap(),
            draws: Arc::new(AtomicU8::new(1)),
        }
    }

    fn machine(&self) -> Machine {
        Machine {
            clock: self.clock.clone(),
            draws: Arc::clone(&self.draws),
        }
    }

    /// A file of the person's, closed to others.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
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
        Client::builder(store, self.machine(), self.visitor.clone())
            .limits(self.limits.clone())
            .build()
            .unwrap()
    }

    /// What a probe sees of the server.
    pub(crate) async fn look_as(&self, profile: &str) -> Report {
        let profile: Profile = profile.parse().unwrap();
        Probe::new(self.machine())
            .unwrap()
            .look(&self.server, &profile)
            .await
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
        binding: Binding::WherePossible,
    }
}

/// A login without a person, with nothing else said in advance.
pub(crate) fn unattended(entrance: Entrance) -> UnattendedLogin {
    UnattendedLogin {
        entrance,
        scope: None,
        binding: Binding::WherePossible,
    }
}

/// A client that a server's owner has registered.
pub(crate) fn known(id: &str, credential: ClientCredential) -> KnownClient {
    KnownClient {
        id: ClientId::parse(id).unwrap(),
        credential,
    }
}

pub(crate) fn no_arguments() -> JsonObject {
    JsonObject::new()
}
