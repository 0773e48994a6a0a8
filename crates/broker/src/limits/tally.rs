//! What has come of a rule.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use vestibule_telemetry::{LimitMode as MeasuredMode, metrics};

use super::limited::Limited;
use super::rule::LimitRule;
use crate::Clock;
use crate::settings::LimitMode;
use crate::store::{Quota, Verdict};

/// How long nothing more is logged of a rule after a line about it, in milliseconds: whoever is limited must not fill the log.
const QUIET: i64 = 10_000;

/// Judges by one rule, and counts.
pub(super) struct Tally {
    pub(super) rule: LimitRule,
    pub(super) mode: LimitMode,
    clock: Arc<dyn Clock>,
    allowed: AtomicU64,
    limited: AtomicU64,
    reported: AtomicU64,
    logged_at: AtomicI64,
}

/// How often a rule came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) allowed: u64,
    pub(super) limited: u64,
    pub(super) reported: u64,
}

impl Tally {
    pub(super) fn new(rule: LimitRule, mode: LimitMode, clock: &Arc<dyn Clock>) -> Self {
        Self {
            rule,
            mode,
            clock: Arc::clone(clock),
            allowed: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            reported: AtomicU64::new(0),
            logged_at: AtomicI64::new(i64::MIN),
        }
    }

    pub(super) fn is_off(&self) -> bool {
        self.mode == LimitMode::Off
    }

    /// Turns what a cell says into what is done.
    pub(super) fn judge(
        &self,
        verdict: Verdict,
        quota: Quota,
        whose: &dyn fmt::Display,
    ) -> Result<(), Limited> {
        let Verdict::Wait(wait) = verdict else {
            self.allowed.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        };
        let Self { rule, mode, .. } = *self;
        let limited = Limited { rule, quota, wait };
        match mode {
            LimitMode::Enforce => {
                self.limited.fetch_add(1, Ordering::Relaxed);
                measure(rule, MeasuredMode::Enforce);
                self.note(whose, "refused");
                Err(limited)
            }
            LimitMode::Report | LimitMode::Off => {
                self.reported.fetch_add(1, Ordering::Relaxed);
                measure(rule, MeasuredMode::Report);
                self.note(whose, "reported");
                Ok(())
            }
        }
    }

    /// Writes a line, unless one was written a moment ago.
    fn note(&self, whose: &dyn fmt::Display, outcome: &'static str) {
        let now = self.clock.now().as_millis();
        let last = self.logged_at.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= QUIET;
        if !is_due {
            return;
        }
        let turn = self
            .logged_at
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        if turn.is_ok() {
            let Counts {
                limited, reported, ..
            } = self.counts();
            let rule = self.rule.as_str();
            tracing::warn!(rule, %whose, outcome, limited, reported, "something is done too often");
        }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            allowed: self.allowed.load(Ordering::Relaxed),
            limited: self.limited.load(Ordering::Relaxed),
            reported: self.reported.load(Ordering::Relaxed),
        }
    }
}

fn measure(rule: LimitRule, mode: MeasuredMode) {
    if let Some(metrics) = metrics() {
        metrics.limit_hit(rule.as_str(), mode);
    }
}
