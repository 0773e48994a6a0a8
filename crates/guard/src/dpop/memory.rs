use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use vestibule_protocol::Timestamp;

use super::{ProofId, Spending, SpentProofs, SpentProofsError};

/// Used proofs in this process: each until its time is over, and never more than a number of them. A live one is not dropped
/// to make room.
pub(crate) struct ProofMemory {
    used: Mutex<Used>,
    capacity: usize,
}

struct Used {
    proofs: HashSet<ProofId>,
    /// When each may be forgotten.
    ends: BTreeMap<Timestamp, Vec<ProofId>>,
    /// The latest end of what has been forgotten: of a proof that ends no later nothing is known any more. It counts when the
    /// clock goes back, or one request is overtaken by another.
    forgotten: Option<Timestamp>,
}

impl ProofMemory {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            used: Mutex::new(Used {
                proofs: HashSet::new(),
                ends: BTreeMap::new(),
                forgotten: None,
            }),
            capacity,
        }
    }

    fn remember(
        &self,
        proof: ProofId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Spending, SpentProofsError> {
        let mut used = self.lock();
        used.forget(now);
        if until <= now || used.forgotten.is_some_and(|end| until <= end) || used.proofs.contains(&proof) {
            return Ok(Spending::Again);
        }
        if used.proofs.len() >= self.capacity {
            return Err(SpentProofsError::Full);
        }
        used.proofs.insert(proof);
        used.ends.entry(until).or_default().push(proof);
        Ok(Spending::First)
    }

    // Nothing that can panic is done under the lock.
    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn forget(&mut self, now: Timestamp) {
        while let Some(first) = self.ends.first_entry()
            && *first.key() <= now
        {
            let (end, proofs) = first.remove_entry();
            for proof in proofs {
                self.proofs.remove(&proof);
            }
            self.forgotten = self.forgotten.max(Some(end));
        }
    }
}

#[async_trait]
impl SpentProofs for ProofMemory {
    async fn spend(
        &self,
        proof: ProofId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Spending, SpentProofsError> {
        self.remember(proof, until, now)
    }
}

#[cfg(test)]
mod tests;
