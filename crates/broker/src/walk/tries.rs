//! How often a login may be tried.
//!
//! Guesses are counted against the account, whoever makes them and in however many walks, and guesses at one-time codes
//! against the walk as well, because a walk may not know whose code it asks for. What guesses nothing has a limit of its own:
//! asking for a code again and again leaves the passwords alone.

use std::time::Duration;

use vestibule_protocol::ProviderId;

use super::reply::{Answered, Stake};
use super::{Walk, WalkError};
use crate::record::UpstreamLeg;
use crate::store::{Quota, StoreError, Verdict};
use crate::{Broker, Digest};

const PASSWORDS: Quota = Quota {
    burst: 10,
    per: Duration::from_secs(6),
};
/// A million codes at one in five minutes: guessing takes years.
const CODES: Quota = Quota {
    burst: 10,
    per: Duration::from_secs(5 * 60),
};
const MESSAGES: Quota = Quota {
    burst: 10,
    per: Duration::from_secs(30),
};

/// A try that was let through.
pub(super) struct Tried {
    /// The account that the login is about by now.
    pub(super) account: Option<Digest>,
    /// Where the try was counted.
    pub(super) cells: Vec<String>,
}

impl Broker {
    /// Counts a try, unless there were too many.
    pub(super) async fn admit_try(
        &self,
        walk: &Walk,
        leg: &UpstreamLeg,
        answered: &Answered,
    ) -> Result<Tried, WalkError> {
        let named = answered.account.as_ref();
        let account = named
            .map(|account| Digest::of(&account.expose().trim().to_lowercase()))
            .or(leg.account);
        let of_account = |what| account.map(|account| cell(what, &leg.provider, &account));
        let of_walk = |what| cell(what, &leg.provider, &walk.key);
        let (quota, cells) = match answered.stake {
            Stake::Password => (
                PASSWORDS,
                vec![of_account("login").unwrap_or_else(|| of_walk("login-walk"))],
            ),
            Stake::Code => {
                let cells = of_account("code").into_iter();
                (CODES, cells.chain([of_walk("code-walk")]).collect())
            }
            Stake::Message => (MESSAGES, of_account("message").into_iter().collect()),
            Stake::Credential => (PASSWORDS, Vec::new()),
        };
        for cell in &cells {
            if let Verdict::Wait(wait) = self.store.check_limit(cell, quota, self.now()).await? {
                return Err(WalkError::TooManyTries {
                    seconds: wait.as_secs().saturating_add(1),
                });
            }
        }
        Ok(Tried { account, cells })
    }

    /// Starts counting anew for somebody who has shown who they are.
    pub(super) async fn forget_tries(&self, cells: &[String]) -> Result<(), StoreError> {
        for cell in cells {
            self.store.clear_limit(cell).await?;
        }
        Ok(())
    }
}

fn cell(what: &str, provider: &ProviderId, whose: &Digest) -> String {
    format!("{what}:{provider}:{whose}")
}
