//! Too often.

use std::time::Duration;

use thiserror::Error;

use super::rule::LimitRule;
use crate::store::{Quota, StoreError};

/// Something was done too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{} try again in {} seconds", self.what(), self.seconds())]
pub struct Limited {
    /// By which rule.
    pub rule: LimitRule,
    /// What the rule lets through.
    pub quota: Quota,
    /// When it is worth trying again.
    pub wait: Duration,
}

impl Limited {
    /// The wait in whole seconds, never too short.
    pub fn seconds(&self) -> u64 {
        self.wait.as_secs().saturating_add(1)
    }

    /// In how many seconds a quota that is used up is there again as a whole, at least one.
    pub fn window(&self) -> u64 {
        let window = self.quota.per.saturating_mul(self.quota.burst);
        window.as_secs().max(1)
    }

    fn what(&self) -> &'static str {
        match self.rule {
            LimitRule::Documents | LimitRule::Pages => "too many requests come from this address:",
            LimitRule::Failures => "too many requests from this address were refused:",
            LimitRule::Registration => "too many clients were registered from this address:",
            LimitRule::ClientDocuments => "too many documents were asked for from the client's host:",
            LimitRule::ClientSecrets => "too many wrong secrets were sent for this client:",
            LimitRule::LoginPasswords | LimitRule::LoginCodes => {
                "too many sign-ins have failed for this account:"
            }
            LimitRule::LoginMessages => "too many messages were asked for:",
            LimitRule::LoginAddress => "too many sign-ins have failed from this address:",
            LimitRule::UserCodes => "too many codes were typed in this network:",
            LimitRule::Issuance => "too many tokens were issued for this user:",
        }
    }
}

/// Why something may not be done now.
#[derive(Debug, Error)]
pub enum LimitError {
    /// It was done too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Nobody knows whether it was, and the rule is closed then.
    #[error(transparent)]
    Store(#[from] StoreError),
}
