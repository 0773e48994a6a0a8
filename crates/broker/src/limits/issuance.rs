//! How many tokens one user is issued.

use std::sync::Arc;

use vestibule_protocol::Subject;

use super::cells::Cells;
use super::limited::LimitError;
use super::shared::{Shared, Whose};
use crate::Clock;
use crate::store::{Quota, Verdict};

/// What part of the quota each replica gives away by itself.
const FREE: u32 = 10;

/// A tenth of the quota is each replica's own to give, so that a user who asks for no more costs no call to the store. What goes
/// beyond is counted in the cell that all replicas share. So a user has the quota, and a tenth of it more for each replica.
pub(crate) struct Issuance {
    free: Option<Cells>,
    shared: Shared,
}

impl Issuance {
    pub(super) fn new(quota: Quota, shared: Shared, clock: &Arc<dyn Clock>) -> Self {
        let tenth = Quota {
            burst: quota.burst / FREE,
            per: quota.per.saturating_mul(FREE),
        };
        Self {
            free: (tenth.burst > 0).then(|| Cells::new(tenth, clock)),
            shared,
        }
    }

    /// Counts a token that is about to be issued.
    pub(crate) async fn take(&self, subject: &Subject) -> Result<(), LimitError> {
        let tally = self.shared.tally();
        if tally.is_off() {
            return Ok(());
        }
        if let Some(free) = &self.free
            && free.take(&subject.as_str()) == Verdict::Go
        {
            return Ok(tally.judge(Verdict::Go, free.quota(), subject)?);
        }
        self.shared.take(Whose::Subject(subject)).await
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn tidy(&self) {
        if let Some(free) = &self.free {
            free.tidy();
        }
    }
}
