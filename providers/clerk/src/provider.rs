//! The provider: OpenID Connect, and Clerk's backend API beside it.

use async_trait::async_trait;
use vestibule_protocol::{ProviderId, Timestamp};
use vestibule_provider::{
    Capabilities, Examination, Finding, LoginContext, LoginStep, Provider, ProviderError, Reply, Standing,
    UpstreamSession,
};
use vestibule_upstream_oidc::{ProviderOrigin, RelyingParty};

use crate::backend::{Account, Backend};

/// A Clerk application. Clerk has no place to send a leaving browser to and tells of no logouts: the broker's own logout is all.
pub struct Clerk {
    party: RelyingParty,
    backend: Option<Backend>,
    frontend_api: ProviderOrigin,
}

impl Clerk {
    pub(crate) fn new(party: RelyingParty, backend: Option<Backend>, frontend_api: ProviderOrigin) -> Self {
        Self {
            party,
            backend,
            frontend_api,
        }
    }

    /// Whether the secret key is of the instance that users log in at: another one would have none of its users.
    async fn look_at_secret_key(&self, backend: &Backend) -> Finding {
        let what = "secret key";
        let ours = match backend.key_ids().await {
            Ok(ours) => ours,
            Err(error) => {
                return Finding::bad(
                    what,
                    error.to_string(),
                    "copy the secret key from Clerk's dashboard again",
                );
            }
        };
        match backend.published_key_ids(self.frontend_api.as_str()).await {
            Ok(theirs) if ours.iter().any(|kid| theirs.contains(kid)) => {
                Finding::good(what, "it is of the instance that users log in at")
            }
            Ok(_) => Finding::bad(
                what,
                "it is of another instance than users log in at, which has none of them",
                "copy publishable_key and secret_key from the same instance in Clerk's dashboard",
            ),
            Err(error) => Finding::warning(
                what,
                error.to_string(),
                "see whether the Frontend API can be reached",
            ),
        }
    }
}

#[async_trait]
impl Provider for Clerk {
    fn id(&self) -> &ProviderId {
        self.party.id()
    }

    fn display_name(&self) -> &str {
        self.party.display_name()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: true,
            logout: false,
            back_channel_logout: false,
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        self.party.begin(login).await
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        self.party.complete(login, reply).await
    }

    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError> {
        let Some(backend) = &self.backend else {
            return self.party.recheck(upstream, now).await;
        };
        Ok(match backend.account(upstream.subject.upstream()).await? {
            Account::Stands => Standing::Good(upstream.clone()),
            Account::Gone(reason) => Standing::Gone(reason.to_owned()),
        })
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        self.party.ready().await
    }

    async fn examine(&self, examination: &Examination) -> Vec<Finding> {
        let mut findings = self.party.examine(examination).await;
        if let Some(backend) = &self.backend {
            findings.push(self.look_at_secret_key(backend).await);
        }
        findings
    }
}
