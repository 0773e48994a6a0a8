use std::mem;
use std::time::Duration;

use vestibule_jose::Algorithm;
use vestibule_protocol::Timestamp;

use crate::document::{ActiveKey, NextKey, RetiringKey, StoredKey};
use crate::{KeyDocument, KeyringError};

/// How long a key spends in each stage of its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// What new keys sign with. Changing it rotates as soon as the new key has been published long enough.
    pub algorithm: Algorithm,
    /// For how long a key signs.
    pub active_for: Duration,
    /// How long before its turn the next key is published.
    pub publish_ahead: Duration,
    /// For how long a key stays published after its last signature: the life of the longest-lived token, and the
    /// clock skew and reload interval of the replicas.
    pub keep_retired_for: Duration,
    /// For how long a verifier may hold an older key set. No key signs before it has been published this long.
    pub cache_life: Duration,
}

impl RotationPolicy {
    /// How long before its turn a key is made: no later than verifiers need to learn of it.
    fn lead(&self) -> Duration {
        self.publish_ahead.max(self.cache_life)
    }
}

/// What an operator's rotation leads to.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The document to store.
    pub document: KeyDocument,
    /// When the next key signs: now, or once every verifier has had time to learn of it.
    pub activates_at: Timestamp,
}

impl KeyDocument {
    /// Moves the keys on to where they should be by `now`: dead keys are dropped, a due key takes over, and the next one
    /// is published ahead of its turn. `None` means that there is nothing to do.
    ///
    /// # Errors
    /// [`KeyringError::Generate`] if no key could be made.
    pub fn advance(&self, policy: &RotationPolicy, now: Timestamp) -> Result<Option<Self>, KeyringError> {
        let mut document = self.clone();
        let dropped = document.drop_dead(policy, now);
        let activated = document.activate_due(policy, now);
        let prepared = document.prepare_next(policy, now)?;
        Ok((dropped || activated || prepared).then_some(document))
    }

    /// Replaces the active key as an operator asks: at once if the next key has been published long enough, and otherwise
    /// as soon as it has. Asking again before then changes nothing.
    ///
    /// # Errors
    /// [`KeyringError::Generate`] if no key could be made.
    pub fn rotate(&self, policy: &RotationPolicy, now: Timestamp) -> Result<Rotation, KeyringError> {
        let mut document = self.clone();
        document.drop_unwanted_next(policy);
        let next = match document.next.take() {
            Some(next) => next,
            None => NextKey {
                key: StoredKey::generate(policy.algorithm, now)?,
                due_at: now,
            },
        };
        let due_at = next.known_at(policy);
        document.next = Some(NextKey { due_at, ..next });
        document.activate_due(policy, now);
        Ok(Rotation {
            document,
            activates_at: due_at.max(now),
        })
    }

    fn drop_dead(&mut self, policy: &RotationPolicy, now: Timestamp) -> bool {
        let before = self.retiring.len();
        self.retiring
            .retain(|key| now < key.retired_at + policy.keep_retired_for);
        self.retiring.len() < before
    }

    fn activate_due(&mut self, policy: &RotationPolicy, now: Timestamp) -> bool {
        let due = |next: &mut NextKey| {
            next.key.algorithm == policy.algorithm && next.due_at <= now && next.known_at(policy) <= now
        };
        let Some(next) = self.next.take_if(due) else {
            return false;
        };
        let retired = mem::replace(
            &mut self.active,
            ActiveKey {
                key: next.key,
                activated_at: now,
            },
        );
        self.retiring.push(RetiringKey {
            key: retired.key,
            activated_at: retired.activated_at,
            retired_at: now,
        });
        true
    }

    fn prepare_next(&mut self, policy: &RotationPolicy, now: Timestamp) -> Result<bool, KeyringError> {
        let dropped = self.drop_unwanted_next(policy);
        let due_at = if self.active.key.algorithm == policy.algorithm {
            self.active.activated_at + policy.active_for
        } else {
            now
        };
        if self.next.is_some() || now + policy.lead() < due_at {
            return Ok(dropped);
        }
        let key = StoredKey::generate(policy.algorithm, now)?;
        let due_at = due_at.max(now + policy.cache_life);
        self.next = Some(NextKey { key, due_at });
        Ok(true)
    }

    /// Drops a next key of another algorithm than the policy's; it has never signed.
    fn drop_unwanted_next(&mut self, policy: &RotationPolicy) -> bool {
        self.next
            .take_if(|next| next.key.algorithm != policy.algorithm)
            .is_some()
    }
}

impl NextKey {
    /// When the last verifier has learnt of it.
    fn known_at(&self, policy: &RotationPolicy) -> Timestamp {
        self.key.published_at + policy.cache_life
    }
}
