//! The leg of a walk that leads to a provider: it asks or sends away, and at last says who it is.

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{ProviderId, Secret, Subject, Timestamp};
use vestibule_provider::{Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Sealed};
use vestibule_telemetry::{AuditEvent, LoginFailure};

use super::{Walk, WalkError, reply};
use crate::provider_call::measured;
use crate::record::{Pending, Stage, UpstreamLeg};
use crate::{Broker, Digest, Next, callback_url};

/// What came of beginning a login.
pub(super) enum Begun {
    Pending { stage: Stage, next: Next },
    Done { login: Box<Login>, begun_at: Timestamp },
}

/// What the broker drew for one login.
struct Leg {
    begun_at: Timestamp,
    nonce: String,
    pkce_verifier: Secret,
    account: Option<Digest>,
}

/// What the provider and the broker need of a login under way, sealed in the store.
#[derive(Serialize, Deserialize)]
struct LegSecrets {
    pkce_verifier: String,
    kept: Option<Sealed>,
}

impl Broker {
    /// Begins a login at the provider.
    pub(super) async fn start_login(&self, walk: &Walk, provider: &dyn Provider) -> Result<Begun, WalkError> {
        let nonce = self.entropy.name();
        let pkce_verifier = self.entropy.secret();
        let leg = Leg {
            begun_at: self.now(),
            nonce,
            pkce_verifier,
            account: None,
        };
        let context = self.login_context(walk, provider.id(), &leg, None);
        let step = measured(provider.id(), "begin", provider.begin(&context))
            .await
            .inspect_err(|error| note_failure(walk, provider.id(), error))?;
        self.next_stage(walk, provider.id(), leg, step)
    }

    /// Hands the provider what came back.
    pub(super) async fn complete_login(
        &self,
        walk: &Walk,
        leg: &UpstreamLeg,
        reply: Reply,
    ) -> Result<Begun, WalkError> {
        let provider = self
            .providers
            .find(&leg.provider)
            .ok_or(WalkError::UnknownProvider)?;
        let opened = self
            .sealer
            .open(&seal_context(walk), &leg.sealed)
            .map_err(|e| WalkError::Sealing(e.to_string()))?;
        let secrets: LegSecrets =
            serde_json::from_slice(&opened).map_err(|e| WalkError::Sealing(e.to_string()))?;
        let leg = Leg {
            begun_at: leg.begun_at,
            nonce: leg.nonce.clone(),
            pkce_verifier: Secret::new(secrets.pkce_verifier),
            account: leg.account,
        };
        let context = self.login_context(walk, provider.id(), &leg, secrets.kept);
        let step = measured(provider.id(), "complete", provider.complete(&context, reply))
            .await
            .inspect_err(|error| note_failure(walk, provider.id(), error))?;
        self.next_stage(walk, provider.id(), leg, step)
    }

    fn login_context(
        &self,
        walk: &Walk,
        provider: &ProviderId,
        leg: &Leg,
        kept: Option<Sealed>,
    ) -> LoginContext {
        let request = &walk.authorization.request;
        LoginContext {
            now: self.now(),
            begun_at: leg.begun_at,
            callback_url: self.callback_url(provider),
            state: walk.ticket.expose().to_owned(),
            nonce: leg.nonce.clone(),
            pkce_verifier: leg.pkce_verifier.clone(),
            login_hint: self.hint_for(request, provider),
            force_login: request.force_login || request.max_age.is_some(),
            kept,
        }
    }

    fn next_stage(
        &self,
        walk: &Walk,
        provider: &ProviderId,
        leg: Leg,
        step: LoginStep,
    ) -> Result<Begun, WalkError> {
        let interact = || Next::Interact {
            ticket: walk.ticket.clone(),
        };
        let (pending, kept, next) = match step {
            LoginStep::Done(login) => {
                check_vouching(provider, &login)?;
                let begun_at = leg.begun_at;
                return Ok(Begun::Done { login, begun_at });
            }
            LoginStep::Ask(form, kept) => (Pending::Form(form), kept, interact()),
            LoginStep::Run(script, kept) => (Pending::Script(script), kept, interact()),
            LoginStep::Redirect(url, kept) => (Pending::Away(url.clone()), kept, Next::Upstream(url)),
        };
        reply::check_names(&pending)?;
        let secrets = LegSecrets {
            pkce_verifier: leg.pkce_verifier.expose().to_owned(),
            kept: Some(kept),
        };
        let secrets = serde_json::to_vec(&secrets).map_err(|e| WalkError::Sealing(e.to_string()))?;
        let sealed = self
            .sealer
            .seal(&seal_context(walk), &secrets)
            .map_err(|e| WalkError::Sealing(e.to_string()))?;
        let leg = UpstreamLeg {
            provider: provider.clone(),
            begun_at: leg.begun_at,
            nonce: leg.nonce,
            sealed,
            pending,
            account: leg.account,
        };
        Ok(Begun::Pending {
            stage: Stage::LoggingIn(Box::new(leg)),
            next,
        })
    }

    /// Where a provider sends the browser back to.
    pub(crate) fn callback_url(&self, provider: &ProviderId) -> Url {
        callback_url(&self.settings().issuer, provider)
    }
}

/// What a walk's sealed state is bound to, so that it opens nowhere else.
fn seal_context(walk: &Walk) -> String {
    format!("login:{}", walk.key)
}

/// Puts on record that a provider did not vouch, and tells the operator why.
pub(super) fn note_failure(walk: &Walk, provider: &ProviderId, error: &ProviderError) {
    tracing::warn!(%provider, client = %walk.client.id(), %error, "a login failed");
    let cause = match error {
        ProviderError::Denied(_) => LoginFailure::Denied,
        ProviderError::Rejected(_) => LoginFailure::Rejected,
        ProviderError::Unavailable(_) | ProviderError::Misconfigured(_) => LoginFailure::Unavailable,
    };
    AuditEvent::LoginFailed {
        provider,
        client: walk.client.id(),
        cause,
    }
    .record();
}

/// A provider vouches for its own users alone.
fn check_vouching(provider: &ProviderId, login: &Login) -> Result<(), ProviderError> {
    let identity = &login.identity;
    let foreign = |subject: &Subject| !subject.is_of(provider) || *subject != identity.subject;
    if identity.provider != *provider
        || foreign(&identity.subject)
        || login
            .upstream
            .as_ref()
            .is_some_and(|upstream| foreign(&upstream.subject))
    {
        return Err(ProviderError::Misconfigured(format!(
            "{provider} vouches for {}, who is not its user",
            identity.subject
        )));
    }
    Ok(())
}
