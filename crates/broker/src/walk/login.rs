//! Logging in: a provider is chosen, asks or sends away, and at last says who it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{ProviderId, Secret, Subject, Timestamp};
use vestibule_provider::{
    Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Sealed, UpstreamSession,
};
use vestibule_telemetry::{AuditEvent, LoginFailure};

use super::{Walk, WalkError, reply};
use crate::provider_call::measured;
use crate::record::{BrowserLogin, Pending, Stage, UpstreamId, UpstreamLeg, UpstreamLogin};
use crate::{Broker, Browser, CookieChange, Digest, Next, Turn, callback_url};

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
    /// Goes on with the provider that the user picked.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn choose_provider(
        &self,
        ticket: &str,
        browser: &Browser,
        provider: &str,
    ) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let choosing = match &walk.authorization.stage {
            Stage::Choosing => true,
            Stage::LoggingIn(leg) => matches!(leg.pending, Pending::Away(_)),
            Stage::Consenting { .. } => false,
        };
        if !choosing {
            return Err(WalkError::Stale);
        }
        let provider = ProviderId::parse(provider)
            .ok()
            .and_then(|id| self.providers.find(&id))
            .ok_or(WalkError::UnknownProvider)?;
        if !self.admits(&walk.authorization.request, provider.id()) {
            return Err(WalkError::ProviderNotAdmitted);
        }
        let begun = self.start_login(&walk, provider.as_ref()).await?;
        self.go_on(&walk, begun, browser).await
    }

    /// Goes back to the choice, where there is one.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn choose_again(&self, ticket: &str, browser: &Browser) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let Stage::LoggingIn(_) = walk.authorization.stage else {
            return Err(WalkError::Stale);
        };
        if self.only_admitted(&walk.authorization.request).is_some() {
            return Err(WalkError::Stale);
        }
        self.advance(&walk, Stage::Choosing).await?;
        Ok(Turn::to(Next::Interact {
            ticket: walk.ticket.clone(),
        }))
    }

    /// Takes the fields of the provider's form.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn submit_login(
        &self,
        ticket: &str,
        browser: &Browser,
        fields: BTreeMap<String, Secret>,
    ) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let Stage::LoggingIn(leg) = &walk.authorization.stage else {
            return Err(WalkError::Stale);
        };
        let answered = reply::read(&leg.pending, fields)?;
        let tried = self.admit_try(&walk, leg, &answered, browser).await?;
        let leg = UpstreamLeg {
            account: tried.account,
            ..UpstreamLeg::clone(leg)
        };
        let begun = self
            .complete_login(&walk, &leg, Reply::Form(answered.fields))
            .await?;
        let mut known = None;
        match &begun {
            Begun::Done { .. } => {
                self.forget_tries(&tried).await?;
                known = self.mark_device(&tried, browser);
            }
            Begun::Pending {
                stage: Stage::LoggingIn(next),
                ..
            } if has_problem(next) => {
                self.count_failed_try(&tried, browser).await?;
                AuditEvent::LoginFailed {
                    provider: &leg.provider,
                    client: walk.client.id(),
                    cause: LoginFailure::WrongCredentials,
                }
                .record();
            }
            Begun::Pending { .. } if tried.asked_for_message() => {
                self.count_failed_try(&tried, browser).await?;
            }
            Begun::Pending { .. } => {}
        }
        let mut turn = self.go_on(&walk, begun, browser).await?;
        turn.cookies.extend(known);
        Ok(turn)
    }

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

    /// Moves the walk to what a login step led to.
    pub(super) async fn go_on(
        &self,
        walk: &Walk,
        begun: Begun,
        browser: &Browser,
    ) -> Result<Turn, WalkError> {
        match begun {
            Begun::Pending { stage, next } => {
                self.advance(walk, stage).await?;
                Ok(Turn::to(next))
            }
            Begun::Done { login, begun_at } => self.log_in(walk, *login, begun_at, browser).await,
        }
    }

    /// Logs the browser in under a new cookie: one that was planted before the login opens nothing.
    pub(super) async fn log_in(
        &self,
        walk: &Walk,
        login: Login,
        begun_at: Timestamp,
        browser: &Browser,
    ) -> Result<Turn, WalkError> {
        let Login {
            identity,
            upstream,
            once,
        } = login;
        if let Some(once) = once
            && self.is_used(&identity.provider, "login", &once).await?
        {
            AuditEvent::LoginFailed {
                provider: &identity.provider,
                client: walk.client.id(),
                cause: LoginFailure::Replayed,
            }
            .record();
            return Err(ProviderError::Rejected("the credential was used before".to_owned()).into());
        }
        let upstream = match self.keep(&identity.provider, &identity.subject, upstream).await? {
            Some(kept) => Some(self.check_not_overtaken(walk, kept, begun_at).await?),
            None => None,
        };
        if let Some(before) = &browser.login {
            self.store.end_browser_login(Digest::of(before.expose())).await?;
        }
        let lasts = self.settings().lifetimes.browser_login;
        let value = self.entropy.secret();
        let login = BrowserLogin {
            identity: identity.clone(),
            upstream,
            expires_at: self.now() + lasts,
        };
        self.store
            .put_browser_login(Digest::of(value.expose()), login.clone())
            .await?;
        AuditEvent::Login {
            actor: &identity.subject,
            provider: &identity.provider,
            client: walk.client.id(),
        }
        .record();
        let mut turn = self.after_login(walk, login).await?;
        turn.cookies.push(CookieChange::SetLogin { value, lasts });
        turn.cookies.push(CookieChange::SetProvider(identity.provider));
        Ok(turn)
    }

    /// Keeps what there is to keep of a login: of a provider that tells of logouts, every login.
    async fn keep(
        &self,
        provider: &ProviderId,
        subject: &Subject,
        upstream: Option<UpstreamSession>,
    ) -> Result<Option<UpstreamLogin>, WalkError> {
        let provider = self.providers.find(provider).ok_or(WalkError::UnknownProvider)?;
        let bare = || {
            provider
                .capabilities()
                .back_channel_logout
                .then(|| UpstreamSession {
                    subject: subject.clone(),
                    sid: None,
                    sub: None,
                    kept: Sealed::default(),
                })
        };
        match upstream.or_else(bare) {
            Some(upstream) => Ok(Some(self.keep_upstream(provider.as_ref(), upstream).await?)),
            None => Ok(None),
        }
    }

    /// Turns away a login that its own logout has overtaken.
    async fn check_not_overtaken(
        &self,
        walk: &Walk,
        login: UpstreamLogin,
        begun_at: Timestamp,
    ) -> Result<UpstreamId, WalkError> {
        if !self.was_overtaken(&login, begun_at).await? {
            return Ok(login.id);
        }
        self.store.end_upstream(&login.id, self.now()).await?;
        let error = ProviderError::Denied(
            "the identity provider has told of a logout while the login was under way".to_owned(),
        );
        note_failure(walk, &login.provider, &error);
        Err(error.into())
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

fn has_problem(leg: &UpstreamLeg) -> bool {
    match &leg.pending {
        Pending::Form(form) => form.problem.is_some(),
        Pending::Script(script) => script.problem.is_some(),
        Pending::Away(_) => false,
    }
}

/// Puts on record that a provider did not vouch, and tells the operator why.
fn note_failure(walk: &Walk, provider: &ProviderId, error: &ProviderError) {
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
