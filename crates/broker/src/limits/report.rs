//! What operators are told of a rule.

use super::rule::LimitRule;
use super::tally::Counts;
use crate::settings::RuleSettings;

/// A rule, and what has come of it in this replica since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitReport {
    /// The rule.
    pub rule: LimitRule,
    /// What the operator decided.
    pub settings: RuleSettings,
    /// Let through.
    pub allowed: u64,
    /// Refused.
    pub limited: u64,
    /// Let through, though an enforced rule would have refused it.
    pub reported: u64,
}

impl LimitReport {
    pub(super) fn new(rule: LimitRule, settings: RuleSettings, counts: Counts) -> Self {
        let Counts {
            allowed,
            limited,
            reported,
        } = counts;
        Self {
            rule,
            settings,
            allowed,
            limited,
            reported,
        }
    }
}
