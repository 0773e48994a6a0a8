//! The project's own API, behind the broker's login page.

mod arrive;
mod code;
mod form;
mod kept;
mod password;
mod second_factor;
mod social;
mod standing;
mod start;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;
use vestibule_outbound::Outbound;
use vestibule_protocol::{ProviderId, Timestamp};
use vestibule_provider::{
    Capabilities, Examination, Finding, Leaving, LoginContext, LoginStep, Provider, ProviderError, Reply,
    Standing, UpstreamSession,
};

use crate::api::{Api, ApiError, ProjectSettings, Refusal};
use crate::cached::Cached;
use crate::examine;
use crate::settings::{AtLogout, NativeSettings};
use crate::token::Verifier;
use kept::Kept;

/// How old what a project offers may be.
const OFFER_FRESH: Duration = Duration::from_secs(300);

/// Logins at one project, through its own API.
#[derive(Debug)]
pub struct NativeProvider {
    id: ProviderId,
    name: String,
    settings: NativeSettings,
    api: Api,
    verifier: Verifier,
    project: Cached<ProjectSettings>,
}

impl NativeProvider {
    /// Logins at the project that these settings describe, called through `outbound`.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the publishable key cannot stand in a header.
    pub fn new(
        id: ProviderId,
        name: String,
        settings: NativeSettings,
        outbound: Outbound,
    ) -> Result<Self, ProviderError> {
        let api = Api::new(&settings.url, &settings.publishable_key, outbound)?;
        let verifier = Verifier::new(settings.issuer.clone(), settings.jwt_secret.clone());
        Ok(Self {
            id,
            name,
            settings,
            api,
            verifier,
            project: Cached::new(),
        })
    }

    async fn project(&self) -> Result<Arc<ProjectSettings>, ApiError> {
        self.project.get(OFFER_FRESH, || self.api.settings()).await
    }

    /// What the user is told of a refusal and can do something about; the operator's log has the whole of it.
    fn tell(&self, refusal: &Refusal) -> Option<&'static str> {
        let problem = refusal.problem()?;
        tracing::info!(provider = %self.id, "{refusal}");
        Some(problem)
    }
}

/// Where Supabase sends the browser back to: the callback with the broker's `state`, since Supabase has none of its own.
fn return_address(login: &LoginContext) -> Url {
    let mut url = login.callback_url.clone();
    url.query_pairs_mut().append_pair("state", &login.state);
    url
}

#[async_trait]
impl Provider for NativeProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: true,
            logout: self.settings.at_logout == AtLogout::End,
            back_channel_logout: false,
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        let methods = self.methods(login).await?;
        self.open(login, &methods)
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        match (Kept::open(login.kept.as_ref())?, reply) {
            (Kept::Away { with }, Reply::Callback(parameters)) => {
                self.come_back(login, &with, &parameters).await
            }
            (Kept::Start, Reply::Form(fields)) => self.answer_start(login, fields).await,
            (Kept::Password, Reply::Form(fields)) => self.answer_password(login, fields).await,
            (Kept::Address, Reply::Form(fields)) => self.answer_address(login, fields).await,
            (Kept::Code(sent), Reply::Form(fields)) => self.answer_code(login, sent, fields).await,
            (Kept::SecondFactor(asked), Reply::Form(fields)) => {
                self.answer_factor(login, asked, fields).await
            }
            (Kept::Away { .. }, Reply::Form(_)) => Err(ProviderError::Rejected(
                "a form came back while the browser was away".to_owned(),
            )),
            (_, Reply::Callback(_)) => Err(ProviderError::Rejected(
                "a callback came back while a form was open".to_owned(),
            )),
        }
    }

    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError> {
        self.stand(upstream, now).await
    }

    /// Ends the login's session at Supabase by a call, where the operator wants that. There is no page to send the browser to:
    /// Supabase never had a session in it.
    async fn logout(&self, leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        if let (AtLogout::End, Some(upstream)) = (self.settings.at_logout, &leaving.upstream) {
            self.leave(upstream).await?;
        }
        Ok(None)
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        self.project().await?;
        Ok(())
    }

    async fn examine(&self, examination: &Examination) -> Vec<Finding> {
        examine::native(&self.settings, &self.api, examination).await
    }
}
