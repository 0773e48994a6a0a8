//! The mark that a logout at a provider leaves: it turns away a login that the logout has overtaken.
//!
//! A provider may tell of a logout while the very login is still on its way here, and then there is nothing to end yet. A login
//! that was begun before the notice came may stand on what the notice ended; one that was begun after it was vouched for by a
//! provider that knew.

use std::time::Duration;

use vestibule_protocol::{ProviderId, Timestamp};
use vestibule_provider::Whose;

use crate::record::{Called, UpstreamLogin};
use crate::store::{Store, StoreError};
use crate::{Broker, Digest};

/// How long a mark stays: longer than anybody may take to log in.
const LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// Leaves the mark of a notice that came at `now`.
pub(super) async fn leave_mark(
    store: &dyn Store,
    provider: &ProviderId,
    whose: &Whose,
    now: Timestamp,
) -> Result<(), StoreError> {
    store
        .remember(mark(provider, whose), now + LASTS, now)
        .await
        .map(drop)
}

impl Broker {
    /// Whether a notice that came after the login was begun has ended it, under any of its names.
    pub(crate) async fn was_overtaken(
        &self,
        login: &UpstreamLogin,
        begun_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let provider = self.providers.find(&login.provider);
        if !provider.is_some_and(|provider| provider.capabilities().back_channel_logout) {
            return Ok(false);
        }
        let named = login.called().map(|called| match called {
            Called::Sid(sid) => Whose::Login { sid },
            Called::Sub(sub) => Whose::Called { sub },
        });
        for whose in named.chain([Whose::User(login.subject.clone())]) {
            let key = mark(&login.provider, &whose);
            let until = self.store.recall(key, self.now()).await?;
            if until.is_some_and(|until| begun_at + LASTS <= until) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn mark(provider: &ProviderId, whose: &Whose) -> Digest {
    let name = match whose {
        Whose::Login { sid } => format!("sid:{sid}"),
        Whose::User(subject) => format!("user:{subject}"),
        Whose::Called { sub } => format!("sub:{sub}"),
    };
    Digest::of(&format!("farewell:{provider}:{name}"))
}
