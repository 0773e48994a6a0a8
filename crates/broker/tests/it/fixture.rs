//! A small world: a broker with two MCP servers and a few clients, its store, its clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::de::DeserializeOwned;
use vestibule_broker::record::{CodeGrant, Session};
use vestibule_broker::settings::{
    ClientAssertionSettings, ClientDocumentSettings, ConfiguredClient, DpopBinding, DpopSettings,
    GrantSettings, Lifetimes, LimitSettings, Policy, RegistrationSettings, Resource, Resources, ScopeText,
    Settings,
};
use vestibule_broker::store::{Codes as _, Sessions as _};
use vestibule_broker::{
    Broker, Digest, Documents, Entropy, ManualClock, MasterSecrets, NoDocuments, Parts, TokenError,
};
use vestibule_jose::{AccessTokenClaims, Algorithm, Expected, Jwks, TokenType, VerifyingKeys, verify};
use vestibule_keyring::MasterSecret;
use vestibule_protocol::{
    AuthMethod, ClientId, CodeChallenge, CodeVerifier, GrantType, IntrospectionResponse, Issuer, Params,
    ProviderId, RedirectPolicy, RedirectUri, ResourceUri, Scope, ScopeSet, Secret, SessionId, Subject,
    Timestamp, TokenResponse,
};
use vestibule_provider::{Identity, Provider};
use vestibule_store_embedded::Embedded;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);
pub(crate) const ISSUER: &str = "https://auth.example";
pub(crate) const NOTES: &str = "https://notes.example/mcp";
pub(crate) const FILES: &str = "https://files.example/mcp";
/// A public client that may refresh.
pub(crate) const APP: &str = "app";
/// A public client without the grant `refresh_token`.
pub(crate) const ONCE: &str = "once";
/// A confidential client, whose secret is [`SECRET`].
pub(crate) const WEB: &str = "web";
/// The resource server of [`NOTES`], whose secret is [`SECRET`].
pub(crate) const NOTES_SERVER: &str = "notes-server";
pub(crate) const SECRET: &str = "a secret of a confidential client";
pub(crate) const LOOPBACK: &str = "http://127.0.0.1:4000/callback";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// Where the configured clients want browsers back after a logout.
pub(crate) const AFTER_LOGOUT: &str = "https://app.example/bye?kept=1";
/// The verifier of [RFC 7636 B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The same bytes in every run.
pub(crate) struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}

/// A broker and what it stands on.
pub(crate) struct World {
    pub(crate) broker: Arc<Broker>,
    pub(crate) store: Arc<Embedded>,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose settings differ.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_providers(Vec::new(), change).await
    }

    /// A world in which users log in with these providers.
    pub(crate) async fn with_providers(
        providers: Vec<Arc<dyn Provider>>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        Self::on(Embedded::in_memory(), providers, change).await
    }

    /// A world in which clients' documents are served.
    pub(crate) async fn with_documents(
        documents: Arc<dyn Documents>,
        providers: Vec<Arc<dyn Provider>>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let store = Arc::new(Embedded::in_memory());
        let clock = Arc::new(ManualClock::at(NOW));
        let parts = Parts {
            providers,
            documents,
            ..parts(&store, &clock, secrets("one", &[]), 1)
        };
        let broker = Broker::open(settings, parts).await.expect("a broker");
        Self {
            broker: Arc::new(broker),
            store,
            clock,
        }
    }

    /// A world on this store.
    pub(crate) async fn on(
        store: Embedded,
        providers: Vec<Arc<dyn Provider>>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let store = Arc::new(store);
        let clock = Arc::new(ManualClock::at(NOW));
        let parts = Parts {
            providers,
            ..parts(&store, &clock, secrets("one", &[]), 1)
        };
        let broker = Broker::open(settings, parts).await.expect("a broker");
        Self {
            broker: Arc::new(broker),
            store,
            clock,
        }
    }

    /// Another replica on the same store, perhaps with other master secrets.
    pub(crate) async fn replica(&self, secrets: MasterSecrets) -> Self {
        self.replica_with(secrets, |_| {}).await
    }

    /// Another replica whose settings differ as well.
    pub(crate) async fn replica_with(
        &self,
        secrets: MasterSecrets,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let parts = parts(&self.store, &self.clock, secrets, 2);
        let broker = Broker::open(settings, parts).await.expect("a replica");
        Self {
            broker: Arc::new(broker),
            store: self.store.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.broker.now()
    }

    /// Files a code, as the authorization endpoint does.
    pub(crate) async fn issue_code(&self, change: impl FnOnce(&mut CodeGrant)) -> String {
        let number = CODES.fetch_add(1, Ordering::Relaxed);
        let session = SessionId::parse(&format!("session-{number}")).unwrap();
        let code = format!("code-{number}");
        let mut grant = grant(session, self.now());
        change(&mut grant);
        self.store.issue_code(Digest::of(&code), grant).await.unwrap();
        code
    }

    /// Asks the token endpoint, without an `Authorization` header.
    pub(crate) async fn token(&self, pairs: &[(&str, &str)]) -> Result<TokenResponse, TokenError> {
        self.broker.token(None, None, &params(pairs)).await
    }

    /// Redeems a code of [`APP`].
    pub(crate) async fn redeem(&self, code: &str) -> Result<TokenResponse, TokenError> {
        self.token(&redemption(code)).await
    }

    /// Refreshes as [`APP`].
    pub(crate) async fn refresh(&self, token: &str) -> Result<TokenResponse, TokenError> {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", APP),
        ])
        .await
    }

    /// A session of [`APP`], with its first tokens.
    pub(crate) async fn tokens(&self) -> TokenResponse {
        self.tokens_with("mcp:read mcp:write offline_access").await
    }

    /// A session of [`APP`] with these scopes.
    pub(crate) async fn tokens_with(&self, scope: &str) -> TokenResponse {
        let code = self.issue_code(|grant| grant.scopes = scopes(scope)).await;
        self.redeem(&code).await.expect("tokens")
    }

    /// What an offline verifier reads in an access token, by the published keys alone.
    pub(crate) async fn read(&self, access_token: &str) -> AccessTokenClaims {
        self.verify(access_token, TokenType::AccessToken).await
    }

    pub(crate) async fn verify<C: DeserializeOwned>(&self, token: &str, kind: TokenType) -> C {
        let jwks: Jwks = serde_json::from_slice(&self.broker.published_keys().await.body).expect("a key set");
        let expected = Expected::new(Issuer::parse(ISSUER).unwrap(), kind);
        verify(token, &VerifyingKeys::from_jwks(&jwks), &expected, self.now()).expect("a good token")
    }

    pub(crate) async fn session_of(&self, tokens: &TokenResponse) -> Option<Session> {
        let sid = self.read(&tokens.access_token).await.sid;
        self.store.find_session(&sid, self.now()).await.unwrap()
    }

    /// Whether the status list says that the token was revoked.
    pub(crate) async fn is_revoked(&self, tokens: &TokenResponse) -> bool {
        let reference = self
            .read(&tokens.access_token)
            .await
            .status
            .expect("a status")
            .status_list;
        let list = reference
            .uri
            .strip_prefix("https://auth.example/oauth/status/")
            .expect("our own list");
        let published = self
            .broker
            .status_list(list.parse().unwrap())
            .await
            .unwrap()
            .expect("a list");
        let jwt = std::str::from_utf8(&published.jwt).unwrap();
        let claims: vestibule_jose::StatusListClaims = self.verify(jwt, TokenType::StatusList).await;
        assert_eq!(claims.sub, reference.uri);
        let statuses = claims.status_list.decode().unwrap();
        statuses.get(reference.idx).expect("within the list") == vestibule_jose::Status::Invalid
    }

    /// Introspects as a confidential client.
    pub(crate) async fn introspect_as(&self, client: &str, token: &str) -> IntrospectionResponse {
        let params = params(&[("token", token), ("client_id", client), ("client_secret", SECRET)]);
        self.broker.introspect(None, &params).await.expect("an answer")
    }

    /// Whether the resource server of [`NOTES`] would let the token in.
    pub(crate) async fn is_active(&self, token: &str) -> bool {
        matches!(
            self.introspect_as(NOTES_SERVER, token).await,
            IntrospectionResponse::Active(_)
        )
    }
}

/// Counts the codes, so that each has a session of its own.
static CODES: AtomicU64 = AtomicU64::new(0);

pub(crate) fn parts(
    store: &Arc<Embedded>,
    clock: &Arc<ManualClock>,
    secrets: MasterSecrets,
    seed: u64,
) -> Parts {
    Parts {
        store: store.clone(),
        providers: Vec::new(),
        documents: Arc::new(NoDocuments),
        secrets,
        clock: clock.clone(),
        entropy: Arc::new(SeededEntropy::new(seed)),
    }
}

/// Master secrets that are made of these names.
pub(crate) fn secrets(current: &str, previous: &[&str]) -> MasterSecrets {
    let secret =
        |name: &&str| MasterSecret::from_bytes(format!("the master secret called {name:-<20}")).unwrap();
    MasterSecrets {
        current: secret(&current),
        previous: previous.iter().map(secret).collect(),
    }
}

pub(crate) fn params(pairs: &[(&str, &str)]) -> Params {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The redemption of a code by [`APP`], as a well-behaved client sends it.
pub(crate) fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", APP),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

/// The same parameters, one of them replaced.
pub(crate) fn replaced<'a>(
    pairs: &[(&'a str, &'a str)],
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let changed: BTreeMap<&str, &str> = pairs.iter().copied().chain([(name, value)]).collect();
    changed.into_iter().collect()
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encoded =
        base64::engine::general_purpose::STANDARD.encode(format!("{id}:{}", secret.replace(' ', "+")));
    format!("Basic {encoded}")
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

pub(crate) fn resource(text: &str) -> ResourceUri {
    ResourceUri::parse(text).unwrap()
}

pub(crate) fn redirect(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap()
}

pub(crate) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(crate) fn alice() -> Identity {
    let provider = ProviderId::parse("local").unwrap();
    Identity {
        subject: Subject::of(&provider, "alice").unwrap(),
        provider,
        issuer: None,
        auth_time: Timestamp::from_secs(NOW.as_secs() - 60),
        name: Some("Alice Adams".to_owned()),
        username: Some("alice".to_owned()),
        email: Some("alice@example.org".to_owned()),
        email_verified: true,
        picture: None,
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: None,
    }
}

/// What alice granted [`APP`] at [`NOTES`].
fn grant(session: SessionId, now: Timestamp) -> CodeGrant {
    CodeGrant {
        session,
        client_id: client_id(APP),
        redirect_uri: redirect(CALLBACK),
        redirect_uri_given: true,
        code_challenge: CodeChallenge::of(&CodeVerifier::parse(VERIFIER).unwrap()),
        dpop_jkt: None,
        resources: vec![resource(NOTES)],
        scopes: scopes("mcp:read mcp:write offline_access"),
        identity: Arc::new(alice()),
        upstream: None,
        nonce: None,
        expires_at: now + Duration::from_secs(60),
        trace: None,
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        issuer: Issuer::parse(ISSUER).unwrap(),
        resources: resources(),
        clients: clients(),
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
        grants: GrantSettings::default(),
        dpop: DpopSettings::default(),
        quiet_logout: BTreeSet::new(),
        limits: LimitSettings::default(),
        login_domains: std::collections::BTreeMap::new(),
        error_page: Some("https://docs.example/errors".to_owned()),
    }
}

fn resources() -> Resources {
    let text = |name: &str| ScopeText {
        scope: Scope::parse(name).unwrap(),
        text: format!("Do {name}."),
        implies: ScopeSet::default(),
    };
    let notes = Resource {
        uri: resource(NOTES),
        name: "Notes".to_owned(),
        scopes: ["mcp:read", "mcp:write", "mcp:admin"].map(text).to_vec(),
        default_scopes: scopes("mcp:read"),
        access_token_lifetime: None,
        providers: None,
        dpop: DpopBinding::AsProved,
    };
    let files = Resource {
        uri: resource(FILES),
        name: "Files".to_owned(),
        scopes: ["files:read"].map(text).to_vec(),
        default_scopes: scopes("files:read"),
        access_token_lifetime: Some(Duration::from_secs(300)),
        providers: None,
        dpop: DpopBinding::AsProved,
    };
    Resources::new(vec![notes, files], Some(&resource(NOTES)))
}

fn clients() -> Vec<ConfiguredClient> {
    let both = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    let client = |id: &str, secret: bool, grant_types: Vec<GrantType>| ConfiguredClient {
        id: client_id(id),
        name: None,
        secret: secret.then(|| Secret::new(SECRET)),
        keys: None,
        auth_method: if secret {
            AuthMethod::ClientSecretBasic
        } else {
            AuthMethod::None
        },
        redirect_uris: vec![redirect(CALLBACK), redirect(LOOPBACK)],
        post_logout_redirect_uris: vec![redirect(AFTER_LOGOUT)],
        must_push: false,
        dpop: DpopBinding::AsProved,
        grant_types,
        scopes: None,
        introspects: Vec::new(),
    };
    vec![
        client(APP, false, both.clone()),
        client(ONCE, false, vec![GrantType::AuthorizationCode]),
        client(WEB, true, both),
        ConfiguredClient {
            introspects: vec![resource(NOTES)],
            ..client(NOTES_SERVER, true, Vec::new())
        },
    ]
}
