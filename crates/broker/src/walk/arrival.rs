//! The user is known: the browser is logged in, and what there is to keep of the login is kept.

use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::{Login, ProviderError, Sealed, UpstreamSession};
use vestibule_telemetry::{AuditEvent, LoginFailure};

use super::leg::note_failure;
use super::{Walk, WalkError};
use crate::record::{BrowserLogin, UpstreamId, UpstreamLogin};
use crate::{Broker, Browser, CookieChange, Digest, Turn};

impl Broker {
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
}
