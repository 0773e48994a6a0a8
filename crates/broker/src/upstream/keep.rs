//! Keeping a login at a provider, and opening what was kept.

use vestibule_keyring::Sealer;
use vestibule_provider::{Provider, Sealed, UpstreamSession};
use zeroize::Zeroizing;

use crate::Broker;
use crate::record::{UpstreamId, UpstreamLogin, UpstreamState, Vouched};
use crate::walk::WalkError;

impl Broker {
    /// Files the login under a new id. It is kept for as long as the browser's login and a code may last; sessions keep it
    /// longer.
    pub(crate) async fn keep_upstream(
        &self,
        provider: &dyn Provider,
        upstream: UpstreamSession,
    ) -> Result<UpstreamLogin, WalkError> {
        let now = self.now();
        let lifetimes = &self.settings.lifetimes;
        let expires_at = now + lifetimes.browser_login + lifetimes.authorization + lifetimes.shown_code;
        let id = UpstreamId::new(self.entropy.name());
        let kept =
            seal(&self.sealer, &id, &upstream.kept).map_err(|error| WalkError::Sealing(error.to_string()))?;
        let check_due = if provider.capabilities().recheck {
            now + lifetimes.recheck
        } else {
            expires_at + lifetimes.session_max
        };
        let login = UpstreamLogin {
            id,
            provider: provider.id().clone(),
            subject: upstream.subject,
            sid: upstream.sid,
            sub: upstream.sub,
            state: UpstreamState::Standing(Vouched {
                kept,
                version: 0,
                checked_at: now,
                check_due,
                failing_since: None,
                claimed_until: None,
            }),
            expires_at,
        };
        self.store.put_upstream(login.clone()).await?;
        Ok(login)
    }
}

impl Broker {
    /// What the provider knows a login by; none if it has ended, or does not open.
    pub(crate) async fn open_upstream(&self, id: &UpstreamId) -> Option<UpstreamSession> {
        let found = self.store.find_upstream(id, self.now()).await;
        let login = found
            .inspect_err(
                |error| tracing::warn!(upstream = %id, %error, "a login at a provider cannot be read"),
            )
            .ok()??;
        open(&self.sealer, &login, login.vouched()?)
            .inspect_err(
                |error| tracing::warn!(upstream = %id, %error, "a login at a provider does not open"),
            )
            .ok()
    }
}

pub(super) fn seal(
    sealer: &Sealer,
    id: &UpstreamId,
    kept: &Sealed,
) -> Result<vestibule_keyring::SealedBox, vestibule_keyring::SealError> {
    sealer.seal(&context(id), kept.expose())
}

/// What the provider knows the login by, with its own record opened.
pub(super) fn open(
    sealer: &Sealer,
    login: &UpstreamLogin,
    vouched: &Vouched,
) -> Result<UpstreamSession, vestibule_keyring::OpenError> {
    let kept = Zeroizing::new(sealer.open(&context(&login.id), &vouched.kept)?);
    Ok(UpstreamSession {
        subject: login.subject.clone(),
        sid: login.sid.clone(),
        sub: login.sub.clone(),
        kept: Sealed::new(kept.as_slice()),
    })
}

/// What a sealed record is bound to, so that it opens under no other login.
fn context(id: &UpstreamId) -> String {
    format!("upstream:{id}")
}
