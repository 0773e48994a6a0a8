//! A project with a user, and logins at it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;
use vestibule_protocol::{Issuer, ProviderId, Secret, Timestamp};
use vestibule_provider::{Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Sealed};
use vestibule_provider_firebase::{
    AuthDomain, Backend, FirebaseProvider, FirebaseSettings, Mode, Recaptcha, SecondFactor, Way,
};

use crate::google::{Google, KEYS, REFRESH};
use crate::key::Key;

/// When every login begins.
pub(crate) const BEGUN: i64 = 1_900_000_000;

/// A project whose keys and tokens Google serves.
pub(crate) struct Project {
    pub(crate) google: Google,
    pub(crate) key: Key,
    pub(crate) settings: FirebaseSettings,
}

impl Project {
    pub(crate) async fn start() -> Self {
        let google = Google::start().await;
        let key = Key::new("key-1");
        google.answers(KEYS, 200, &json!({"keys": [key.jwk()]}));
        let project = Self {
            settings: settings(Backend::At(google.endpoints())),
            google,
            key,
        };
        project.refreshes_to(&claims());
        project
    }

    pub(crate) fn provider(&self) -> FirebaseProvider {
        provider(self.settings.clone())
    }

    /// Exchanges any refresh token for a token of these claims.
    pub(crate) fn refreshes_to(&self, claims: &Value) {
        let answer = json!({
            "id_token": self.key.sign(claims),
            "access_token": "a",
            "refresh_token": "refresh-2",
            "expires_in": "3600",
            "token_type": "Bearer",
            "user_id": "ada-1",
            "project_id": "123",
        });
        self.google.answers(REFRESH, 200, &answer);
    }

    /// Comes back with a token of these claims.
    pub(crate) async fn complete(&self, claims: &Value) -> Result<LoginStep, ProviderError> {
        self.complete_with(&self.key.sign(claims)).await
    }

    /// Comes back with this token.
    pub(crate) async fn complete_with(&self, id_token: &str) -> Result<LoginStep, ProviderError> {
        self.provider().complete(&login(), tokens(id_token)).await
    }

    /// Insists that a token of these claims is refused, and says why.
    pub(crate) async fn refusal(&self, claims: &Value) -> String {
        self.refusal_of(&self.key.sign(claims)).await
    }

    /// Insists that this token is refused, and says why.
    pub(crate) async fn refusal_of(&self, id_token: &str) -> String {
        match self.complete_with(id_token).await {
            Err(ProviderError::Rejected(cause)) => cause,
            other => panic!("not rejected: {other:?}"),
        }
    }
}

pub(crate) fn settings(backend: Backend) -> FirebaseSettings {
    let project = "demo-project".parse().expect("a project's id");
    let ways = ["password", "email_link", "google.com"].map(|way| way.parse::<Way>().expect("a way"));
    let mode = Mode::Page {
        ways: ways.to_vec(),
        recaptcha: Recaptcha::Stopped,
    };
    FirebaseSettings {
        auth_domain: AuthDomain::of(&project),
        project,
        api_key: "public&key".to_owned(),
        tenant: None,
        sign_in_providers: mode.sign_in_providers(),
        mode,
        second_factor: SecondFactor::IfEnrolled,
        roles_from: vec!["role".parse().expect("a claim")],
        groups_from: vec!["teams".parse().expect("a claim")],
        admin: None,
        broker: Issuer::parse("http://localhost:3009").expect("an issuer"),
        backend,
    }
}

pub(crate) fn provider(settings: FirebaseSettings) -> FirebaseProvider {
    let id = ProviderId::parse("firebase").expect("a provider's id");
    FirebaseProvider::new(id, "Example".to_owned(), settings).expect("a provider")
}

/// A login whose user comes back ten seconds after it began.
pub(crate) fn login() -> LoginContext {
    login_with(None)
}

pub(crate) fn login_with(kept: Option<Sealed>) -> LoginContext {
    LoginContext {
        now: Timestamp::from_secs(BEGUN + 10),
        begun_at: Timestamp::from_secs(BEGUN),
        callback_url: Url::parse("http://localhost:3009/oauth/callback/firebase").expect("a URL"),
        state: "state".to_owned(),
        nonce: "nonce".to_owned(),
        pkce_verifier: Secret::new("verifier"),
        login_hint: Some("ada@example.com".to_owned()),
        force_login: false,
        kept,
    }
}

/// What Firebase says of a user who has just signed in with a password.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://securetoken.google.com/demo-project",
        "aud": "demo-project",
        "sub": "ada-1",
        "user_id": "ada-1",
        "auth_time": BEGUN + 8,
        "iat": BEGUN + 8,
        "exp": BEGUN + 8 + 3600,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "email_verified": true,
        "role": "editor",
        "teams": ["engines", "notes"],
        "firebase": {"identities": {"email": ["ada@example.com"]}, "sign_in_provider": "password"},
    })
}

/// The claims with this one changed, or taken out by null. A slash goes one level down.
pub(crate) fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    let (parent, name) = name
        .split_once('/')
        .map_or(("", name), |(parent, name)| (parent, name));
    let members = match parent {
        "" => &mut claims,
        parent => &mut claims[parent],
    };
    let members = members.as_object_mut().expect("an object");
    match value.into() {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    claims
}

/// What the page sends.
pub(crate) fn tokens(id_token: &str) -> Reply {
    form(&[("id_token", id_token), ("refresh_token", "refresh-1")])
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Reply {
    let fields: BTreeMap<String, Secret> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
        .collect();
    Reply::Form(fields)
}

/// The login that a step ends in.
pub(crate) fn done(step: Result<LoginStep, ProviderError>) -> Login {
    match step {
        Ok(LoginStep::Done(login)) => *login,
        other => panic!("no login: {other:?}"),
    }
}
