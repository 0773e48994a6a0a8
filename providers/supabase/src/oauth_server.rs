//! The project's OAuth server, as an OpenID Connect provider.

use std::time::Duration;

use async_trait::async_trait;
use url::Url;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_protocol::{Issuer, ProviderId, Secret, Timestamp};
use vestibule_provider::{
    Capabilities, Examination, Finding, Leaving, LoginContext, LoginStep, Provider, ProviderError, Reply,
    Standing, UpstreamSession,
};
use vestibule_upstream_oidc::{
    ClientAuth, LogoutStyle, RelyingParty, SecretMethod, SigningAlgorithm, Upstream,
};

use crate::api::{Api, ApiError, ProjectSettings};
use crate::cached::Cached;
use crate::{ProjectUrl, PublishableKey};

/// How long what the project was seen to be is taken for granted.
const OPEN_FOR: Duration = Duration::from_secs(300);

/// The only scopes that there are besides `phone`; another one is an error.
const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// How a refresh is refused for good: in the words of the project's own API.
const ENDINGS: [&str; 6] = [
    "refresh_token_already_used",
    "refresh_token_not_found",
    "session_expired",
    "session_not_found",
    "user_banned",
    "user_not_found",
];

/// A project whose own pages people sign in on.
#[derive(Debug, Clone)]
pub struct OauthServerSettings {
    /// The project's URL.
    pub url: ProjectUrl,
    /// The project's public key.
    pub publishable_key: PublishableKey,
    /// The project's issuer.
    pub issuer: Issuer,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// Where the secret stands, which is fixed when the client is registered.
    pub secret_method: SecretMethod,
    /// Where calls may go.
    pub reach: Reach,
}

/// Logins at one project, on its own pages.
pub struct OauthServerProvider {
    party: RelyingParty,
    api: Api,
    gate: Cached<()>,
    project: Cached<ProjectSettings>,
}

impl OauthServerProvider {
    /// Logins at the project that these settings describe.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the settings contradict themselves.
    pub fn new(id: ProviderId, name: String, settings: OauthServerSettings) -> Result<Self, ProviderError> {
        let outbound = Outbound::new(settings.reach, Limits::default())
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        let api = Api::new(&settings.url, &settings.publishable_key, outbound)?;
        let client_auth = match settings.client_secret {
            None => ClientAuth::None,
            Some(secret) => ClientAuth::Secret {
                secret,
                method: Some(settings.secret_method),
            },
        };
        let upstream = Upstream {
            scopes: SCOPES.map(str::to_owned).to_vec(),
            algorithms: vec![SigningAlgorithm::Es256, SigningAlgorithm::Rs256],
            algorithm_advice: "move to an asymmetric key under Project Settings > JWT Keys".to_owned(),
            own_endings: ENDINGS.map(str::to_owned).to_vec(),
            logout: LogoutStyle::None,
            reach: settings.reach,
            ..Upstream::new(settings.issuer.as_str(), settings.client_id, client_auth)
        };
        Ok(Self {
            party: RelyingParty::new(id, name, upstream, ())?,
            api,
            gate: Cached::new(),
            project: Cached::new(),
        })
    }

    /// Asks whether the server is switched on: its discovery document is served even when it is not.
    async fn open(&self) -> Result<(), ProviderError> {
        let open = self
            .gate
            .get(OPEN_FOR, || async { self.api.oauth_server().await.map(drop) });
        match open.await {
            Ok(_) => Ok(()),
            Err(ApiError::Refused(refusal)) if refusal.code == "feature_disabled" => {
                Err(ProviderError::Misconfigured(
                    "the project's OAuth server is switched off; enable it under Authentication > OAuth Server, or leave \
                     out mode"
                        .to_owned(),
                ))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl OauthServerProvider {
    /// Whether the project lets nobody's address count as confirmed without a proof, as its ID tokens themselves would.
    async fn proves_addresses(&self) -> Result<bool, ProviderError> {
        let project = self.project.get(OPEN_FOR, || self.api.settings()).await?;
        Ok(!project.mailer_autoconfirm)
    }
}

#[async_trait]
impl Provider for OauthServerProvider {
    fn id(&self) -> &ProviderId {
        self.party.id()
    }

    fn display_name(&self) -> &str {
        self.party.display_name()
    }

    /// The server has no logout, from either side.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: true,
            logout: false,
            back_channel_logout: false,
        }
    }

    /// The server can make nobody log in again, and its `auth_time` is the moment of the ID token: it proves nothing.
    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        if login.force_login {
            return Err(ProviderError::Rejected(
                "the user has to log in again, and the project's OAuth server can make nobody do so; they can sign out on the \
                 project's own site first"
                    .to_owned(),
            ));
        }
        self.open().await?;
        self.party.begin(login).await
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let proves_addresses = self.proves_addresses().await?;
        let mut step = self.party.complete(login, reply).await?;
        if let LoginStep::Done(done) = &mut step {
            done.identity.email_verified &= proves_addresses;
        }
        Ok(step)
    }

    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError> {
        self.party.recheck(upstream, now).await
    }

    async fn logout(&self, _leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        Ok(None)
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        self.open().await?;
        self.party.ready().await
    }

    async fn examine(&self, examination: &Examination) -> Vec<Finding> {
        const WHAT: &str = "OAuth server";
        let mut findings = Vec::new();
        match self.open().await {
            Ok(()) => findings.push(Finding::good(WHAT, "is switched on")),
            Err(error) => {
                let remedy = "enable it under Authentication > OAuth Server, or leave out mode";
                findings.push(Finding::bad(WHAT, error.to_string(), remedy));
            }
        }
        findings.extend(self.party.examine(examination).await);
        findings.push(Finding::warning(
            "consent page",
            "is yours to build, on the project's Site URL; it cannot be checked from here",
            "see that the authorization path under Authentication > OAuth Server leads to it",
        ));
        findings
    }
}
