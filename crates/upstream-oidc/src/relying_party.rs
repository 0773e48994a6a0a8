//! One provider, as this client sees it.

use std::sync::Arc;

use async_trait::async_trait;
use openidconnect::{
    AuthType, AuthUrl, ClientId, ClientSecret, IssuerUrl, JsonWebKeySet, RedirectUrl, TokenUrl,
};
use url::Url;
use vestibule_jose::foreign::KeySet;
use vestibule_outbound::{Limits, Outbound};
use vestibule_protocol::{ProviderId, Timestamp};
use vestibule_provider::{
    Capabilities, Examination, Finding, Leaving, LoginContext, LoginStep, LogoutNotice, Provider,
    ProviderError, Reply, Standing, UpstreamSession,
};

use crate::cached::Cached;
use crate::call::Caller;
use crate::client_auth::{ASSERTION_KIND, Proof};
use crate::key_set;
use crate::metadata::Metadata;
use crate::token::Client;
use crate::{LogoutStyle, Scrutiny, Upstream};

/// An OpenID Connect provider: an [`Upstream`] brought to life.
pub struct RelyingParty {
    pub(crate) id: ProviderId,
    name: String,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) scrutiny: Box<dyn Scrutiny>,
    pub(crate) caller: Caller,
    metadata: Arc<Cached<Metadata>>,
    pub(crate) keys: Arc<Cached<KeySet>>,
}

impl RelyingParty {
    /// The provider that the data describes. Nothing is called yet: the provider may be down.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the data contradicts itself.
    pub fn new(
        id: ProviderId,
        name: impl Into<String>,
        upstream: Upstream,
        scrutiny: impl Scrutiny + 'static,
    ) -> Result<Self, ProviderError> {
        upstream.check()?;
        let outbound = Outbound::new(upstream.reach, Limits::default())
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        let upstream = Arc::new(upstream);
        let caller = Caller(outbound);
        let metadata = {
            let (caller, upstream) = (caller.clone(), Arc::clone(&upstream));
            Cached::new(move || {
                let (caller, upstream) = (caller.clone(), Arc::clone(&upstream));
                async move { Metadata::fetch(&caller, &upstream).await }
            })
        };
        let keys = {
            let (caller, metadata) = (caller.clone(), Arc::clone(&metadata));
            Cached::new(move || {
                let (caller, metadata) = (caller.clone(), Arc::clone(&metadata));
                async move { key_set::fetch(&caller, &metadata.get().await?.jwks_uri).await }
            })
        };
        Ok(Self {
            id,
            name: name.into(),
            upstream,
            scrutiny: Box::new(scrutiny),
            caller,
            metadata,
            keys,
        })
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.metadata.get().await
    }

    /// The crate's client, with the proof of who we are as far as the crate can carry it.
    pub(crate) fn client(
        &self,
        metadata: &Metadata,
        callback: &Url,
        proof: &Proof,
    ) -> Result<Client, ProviderError> {
        let unreadable =
            |_| ProviderError::Misconfigured("the provider's addresses cannot be read".to_owned());
        let issuer = IssuerUrl::new(metadata.issuer.clone()).map_err(unreadable)?;
        let callback = RedirectUrl::new(callback.to_string()).map_err(unreadable)?;
        let client_id = ClientId::new(self.upstream.client_id.clone());
        let client = openidconnect::Client::new(client_id, issuer, JsonWebKeySet::default())
            .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
            .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
            .set_redirect_uri(callback)
            .set_auth_type(AuthType::RequestBody);
        let with_secret = |secret: &vestibule_protocol::Secret| ClientSecret::new(secret.expose().to_owned());
        Ok(match proof {
            Proof::Basic(secret) => client
                .set_auth_type(AuthType::BasicAuth)
                .set_client_secret(with_secret(secret)),
            Proof::Post(secret) => client.set_client_secret(with_secret(secret)),
            Proof::None | Proof::Assertion(_) => client,
        })
    }
}

/// What a token request carries besides, for a proof that the crate does not know.
pub(crate) fn assertion_params(proof: &Proof) -> Vec<(&'static str, String)> {
    match proof {
        Proof::Assertion(assertion) => vec![
            ("client_assertion_type", ASSERTION_KIND.to_owned()),
            ("client_assertion", assertion.expose().to_owned()),
        ],
        Proof::None | Proof::Basic(_) | Proof::Post(_) => Vec::new(),
    }
}

#[async_trait]
impl Provider for RelyingParty {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: true,
            logout: self.upstream.logout != LogoutStyle::None,
            back_channel_logout: true,
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        self.authorize(login).await
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        self.take_callback(login, reply).await
    }

    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError> {
        self.refresh(upstream, now).await
    }

    async fn logout(&self, leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        self.leave(leaving).await
    }

    async fn read_logout_token(&self, token: &str, now: Timestamp) -> Result<LogoutNotice, ProviderError> {
        self.verify_logout_token(token, now).await
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        self.metadata().await.map(drop)
    }

    async fn examine(&self, examination: &Examination) -> Vec<Finding> {
        self.look(examination).await
    }
}
