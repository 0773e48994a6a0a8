//! Logins at providers, and who has which.

use async_trait::async_trait;
use vestibule_broker::record::{Called, UpstreamId, UpstreamLogin, UpstreamState, Vouched};
use vestibule_broker::store::{Claimed, Settlement, StoreError, UpstreamLogins};
use vestibule_protocol::{ProviderId, Subject, Timestamp};

use super::index::Index;
use crate::embedded::Embedded;
use crate::error::RowError;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) const UPSTREAMS: &str = "upstream_logins";

/// The logins, by user and by what their provider calls them.
#[derive(Debug)]
pub(crate) struct UpstreamTables {
    logins: Table<UpstreamId, UpstreamLogin>,
    by_user: Index<Subject, UpstreamId>,
    by_name: Index<(ProviderId, Called), UpstreamId>,
}

impl Record<UpstreamId> for UpstreamLogin {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }

    fn belongs_under(&self, key: &UpstreamId) -> bool {
        self.id == *key
    }
}

impl Default for UpstreamTables {
    fn default() -> Self {
        Self {
            logins: Table::new(UPSTREAMS),
            by_user: Index::default(),
            by_name: Index::default(),
        }
    }
}

impl UpstreamTables {
    /// Takes a login from the file.
    pub(crate) fn load(&mut self, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        let login = self.logins.load(key, value)?;
        self.by_user.add(&login.subject, &login.id);
        for name in names(login) {
            self.by_name.add(&name, &login.id);
        }
        Ok(())
    }

    /// Removes what has expired, within the budget.
    pub(crate) fn sweep(&mut self, now: Timestamp, budget: &mut usize, trace: &mut Trace) {
        let Self {
            logins,
            by_user,
            by_name,
        } = self;
        logins.sweep(now, budget, trace, |id, login| {
            by_user.remove(&login.subject, &id);
            for name in names(&login) {
                by_name.remove(&name, &id);
            }
        });
    }

    fn put(&mut self, login: UpstreamLogin, trace: &mut Trace) {
        self.by_user.add(&login.subject, &login.id);
        for name in names(&login) {
            self.by_name.add(&name, &login.id);
        }
        self.logins.put(login.id.clone(), login, trace);
    }

    fn hold(&mut self, id: &UpstreamId, until: Timestamp, now: Timestamp, trace: &mut Trace) -> bool {
        let Some(login) = self.logins.find_live(id, now, trace) else {
            return false;
        };
        if login.vouched().is_none() {
            return false;
        }
        if login.expires_at < until {
            self.logins.update(id, trace, |login| login.expires_at = until);
        }
        true
    }

    fn claim(
        &mut self,
        id: &UpstreamId,
        claimed_until: Timestamp,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Claimed {
        let Some(login) = self.logins.find_live(id, now, trace) else {
            return Claimed::Ended;
        };
        let Some(vouched) = login.vouched() else {
            return Claimed::Ended;
        };
        if vouched.claimed_until.is_some_and(|until| now < until) {
            return Claimed::Busy(Box::new(login.clone()));
        }
        if now < vouched.check_due {
            return Claimed::NotDue(Box::new(login.clone()));
        }
        let claimed = self.change(id, trace, |vouched| {
            vouched.version += 1;
            vouched.claimed_until = Some(claimed_until);
        });
        claimed.map_or(Claimed::Ended, |login| Claimed::Granted(Box::new(login.clone())))
    }

    fn settle(
        &mut self,
        id: &UpstreamId,
        version: u64,
        settlement: Settlement,
        now: Timestamp,
        trace: &mut Trace,
    ) -> bool {
        let login = self.logins.find_live(id, now, trace);
        let current = login
            .and_then(UpstreamLogin::vouched)
            .map(|vouched| vouched.version);
        if current != Some(version) {
            return false;
        }
        let settled = self.change(id, trace, |vouched| {
            // The claim is spent with the settlement.
            vouched.version += 1;
            vouched.claimed_until = None;
            match settlement {
                Settlement::Standing { kept, check_due } => {
                    if let Some(kept) = kept {
                        vouched.kept = kept;
                    }
                    vouched.checked_at = now;
                    vouched.check_due = check_due;
                    vouched.failing_since = None;
                }
                Settlement::Failing { kept, check_due } => {
                    if let Some(kept) = kept {
                        vouched.kept = kept;
                    }
                    vouched.check_due = check_due;
                    vouched.failing_since.get_or_insert(now);
                }
            }
        });
        settled.is_some()
    }

    fn end(&mut self, id: &UpstreamId, now: Timestamp, trace: &mut Trace) -> Option<UpstreamLogin> {
        let stood = self
            .logins
            .find_live(id, now, trace)
            .filter(|login| login.vouched().is_some())
            .cloned()?;
        self.logins
            .update(id, trace, |login| login.state = UpstreamState::Ended);
        Some(stood)
    }

    fn change(
        &mut self,
        id: &UpstreamId,
        trace: &mut Trace,
        change: impl FnOnce(&mut Vouched),
    ) -> Option<&UpstreamLogin> {
        self.logins.update(id, trace, |login| {
            if let UpstreamState::Standing(vouched) = &mut login.state {
                change(vouched);
            }
        })
    }

    fn live<'a>(
        &self,
        ids: impl Iterator<Item = &'a UpstreamId>,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Vec<UpstreamLogin> {
        trace.saw(self.logins.last_removal());
        ids.filter_map(|id| self.logins.find_live(id, now, trace))
            .cloned()
            .collect()
    }

    fn of_user(&self, subject: &Subject, now: Timestamp, trace: &mut Trace) -> Vec<UpstreamLogin> {
        let mut logins = self.live(self.by_user.of(subject), now, trace);
        logins.retain(|login| login.vouched().is_some());
        logins
    }
}

/// What its provider calls a login.
fn names(login: &UpstreamLogin) -> impl Iterator<Item = (ProviderId, Called)> {
    login.called().map(|called| (login.provider.clone(), called))
}

#[async_trait]
impl UpstreamLogins for Embedded {
    async fn put_upstream(&self, login: UpstreamLogin) -> Result<(), StoreError> {
        self.verb(|image, trace| image.upstreams.put(login, trace)).await
    }

    async fn find_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError> {
        self.verb(|image, trace| image.upstreams.logins.find_live(id, now, trace).cloned())
            .await
    }

    async fn hold_upstream(
        &self,
        id: &UpstreamId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.verb(|image, trace| image.upstreams.hold(id, until, now, trace))
            .await
    }

    async fn claim_upstream(
        &self,
        id: &UpstreamId,
        claimed_until: Timestamp,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        self.verb(|image, trace| image.upstreams.claim(id, claimed_until, now, trace))
            .await
    }

    async fn settle_upstream(
        &self,
        id: &UpstreamId,
        version: u64,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.verb(|image, trace| image.upstreams.settle(id, version, settlement, now, trace))
            .await
    }

    async fn end_upstream(
        &self,
        id: &UpstreamId,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError> {
        self.verb(|image, trace| image.upstreams.end(id, now, trace))
            .await
    }

    async fn upstreams_of_user(
        &self,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError> {
        self.verb(|image, trace| image.upstreams.of_user(subject, now, trace))
            .await
    }

    async fn upstreams_called(
        &self,
        provider: &ProviderId,
        called: &Called,
        now: Timestamp,
    ) -> Result<Vec<UpstreamLogin>, StoreError> {
        let name = (provider.clone(), called.clone());
        self.verb(|image, trace| {
            let upstreams = &image.upstreams;
            upstreams.live(upstreams.by_name.of(&name), now, trace)
        })
        .await
    }
}
