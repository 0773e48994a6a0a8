//! A provider on this machine, and a client of it.

mod provider;
mod signer;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;
use vestibule_protocol::{ProviderId, Secret, Timestamp};
use vestibule_provider::{Login, LoginContext, LoginStep, Provider as _, ProviderError, Reply};
use vestibule_upstream_oidc::{ClientAuth, RelyingParty, Scrutiny, SecretMethod, Upstream};

pub(crate) use provider::{Canned, Seen, UpstreamProvider};
pub(crate) use signer::{Signer, unsigned};

/// The moment at which everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const CLIENT: &str = "broker";
pub(crate) const SECRET: &str = "a secret+with/odd:signs";
pub(crate) const NONCE: &str = "the-nonce-of-this-login";
pub(crate) const STATE: &str = "the-state-of-this-login";
pub(crate) const VERIFIER: &str = "the-verifier-of-this-login-which-is-long-enough";
pub(crate) const CALLBACK: &str = "https://auth.example.com/oauth/callback/upstream";

/// One provider and one relying party.
pub(crate) struct World {
    pub(crate) provider: Arc<UpstreamProvider>,
    pub(crate) party: Arc<RelyingParty>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose relying party is set up otherwise.
    pub(crate) async fn with(change: impl FnOnce(&mut Upstream)) -> Self {
        Self::scrutinised(change, ()).await
    }

    pub(crate) async fn scrutinised(
        change: impl FnOnce(&mut Upstream),
        scrutiny: impl Scrutiny + 'static,
    ) -> Self {
        let provider = UpstreamProvider::start().await;
        let party = Arc::new(party(&provider, change, scrutiny).expect("the set-up holds"));
        Self { provider, party }
    }

    /// Begins a login and returns where the browser is sent.
    pub(crate) async fn begin(&self) -> Result<Url, ProviderError> {
        self.begin_as(&login()).await
    }

    pub(crate) async fn begin_as(&self, login: &LoginContext) -> Result<Url, ProviderError> {
        match self.party.begin(login).await? {
            LoginStep::Redirect(address, _) => Ok(address),
            other => panic!("a redirect was expected, not {other:?}"),
        }
    }

    /// Comes back with these parameters beside the state.
    pub(crate) async fn come_back(&self, parameters: &[(&str, &str)]) -> Result<Login, ProviderError> {
        self.come_back_to(&login(), parameters).await
    }

    pub(crate) async fn come_back_to(
        &self,
        login: &LoginContext,
        parameters: &[(&str, &str)],
    ) -> Result<Login, ProviderError> {
        let mut fields = BTreeMap::from([("state".to_owned(), STATE.to_owned())]);
        for (name, value) in parameters {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        match self.party.complete(login, Reply::Callback(fields)).await? {
            LoginStep::Done(login) => Ok(*login),
            other => panic!("an identity was expected, not {other:?}"),
        }
    }

    /// A whole login.
    pub(crate) async fn log_in(&self) -> Result<Login, ProviderError> {
        self.come_back(&[("code", "a-code")]).await
    }

    /// A login in which the ID token has these claims besides, and lacks those that are null.
    pub(crate) async fn log_in_with(&self, claims: Value) -> Result<Login, ProviderError> {
        self.provider
            .change(|behaviour| merge(&mut behaviour.claims, claims));
        self.log_in().await
    }
}

/// A relying party of this provider.
pub(crate) fn party(
    provider: &UpstreamProvider,
    change: impl FnOnce(&mut Upstream),
    scrutiny: impl Scrutiny + 'static,
) -> Result<RelyingParty, ProviderError> {
    let auth = ClientAuth::Secret {
        secret: Secret::new(SECRET),
        method: Some(SecretMethod::Basic),
    };
    let mut upstream = Upstream::new(provider.issuer(), CLIENT, auth);
    change(&mut upstream);
    RelyingParty::new(
        ProviderId::parse("upstream").unwrap(),
        "Upstream",
        upstream,
        scrutiny,
    )
}

pub(crate) fn login() -> LoginContext {
    LoginContext {
        now: NOW,
        begun_at: NOW,
        callback_url: Url::parse(CALLBACK).unwrap(),
        state: STATE.to_owned(),
        nonce: NONCE.to_owned(),
        pkce_verifier: Secret::new(VERIFIER),
        login_hint: None,
        force_login: false,
        kept: None,
    }
}

/// What a good ID token of this issuer says.
pub(crate) fn claims_of(issuer: &str) -> Value {
    json!({
        "iss": issuer, "sub": "alice", "aud": CLIENT, "nonce": NONCE,
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300, "auth_time": NOW.as_secs() - 20,
        "name": "Alice", "preferred_username": "alice", "email": "alice@example.com", "email_verified": true,
        "sid": "upstream-session",
    })
}

/// Puts these members into an object; null takes one out.
pub(crate) fn merge(into: &mut Value, members: Value) {
    let (Value::Object(into), Value::Object(members)) = (into, members) else {
        panic!("two objects were expected");
    };
    for (name, value) in members {
        if value.is_null() {
            into.remove(&name);
        } else {
            into.insert(name, value);
        }
    }
}

/// The query of an address, or a form.
pub(crate) fn pairs(query: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}
