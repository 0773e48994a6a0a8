//! How often a login may be tried.
//!
//! Guesses are counted against the account, whoever makes them and in however many walks, and guesses at one-time codes
//! against the walk as well, because a walk may not know whose code it asks for. What guesses nothing has a limit of its own:
//! asking for a code again and again leaves the passwords alone. What failed is counted against the address too, so that nobody
//! tries one password on every account.
//!
//! A browser that has logged in to the account before is counted for itself: strangers cannot hold the owner up. Accounts that
//! do not exist are counted like those that do.

use vestibule_protocol::{ProviderId, Secret};

use super::reply::{Answered, Stake};
use super::{Walk, WalkError};
use crate::limits::{Shared, Whose};
use crate::record::UpstreamLeg;
use crate::store::StoreError;
use crate::{Broker, Browser, CookieChange, Digest};

/// A try that was let through.
pub(super) struct Tried {
    /// The account that the login is about by now.
    pub(super) account: Option<Digest>,
    provider: ProviderId,
    stake: Stake,
    walk: Digest,
    /// What the browser is called, if it is known to the account.
    device: Option<String>,
}

impl Broker {
    /// Counts a try, unless there were too many.
    pub(super) async fn admit_try(
        &self,
        walk: &Walk,
        leg: &UpstreamLeg,
        answered: &Answered,
        browser: &Browser,
    ) -> Result<Tried, WalkError> {
        let named = answered.account.as_ref();
        let account = named
            .map(|account| Digest::of(&account.expose().trim().to_lowercase()))
            .or(leg.account);
        let tried = Tried {
            device: self.known_device(browser, &leg.provider, account.as_ref()),
            account,
            provider: leg.provider.clone(),
            stake: answered.stake,
            walk: walk.key,
        };
        if tried.is_counted_by_address() {
            self.limits.login_address.look(Whose::Address(browser.address))?;
        }
        for (rule, whose) in tried.cells(self) {
            rule.take(whose).await?;
        }
        Ok(tried)
    }

    /// Counts against its address a try that came to nothing.
    pub(super) async fn count_failed_try(&self, tried: &Tried, browser: &Browser) -> Result<(), WalkError> {
        if tried.is_counted_by_address() {
            let address = Whose::Address(browser.address);
            self.limits.login_address.take(address).await?;
        }
        Ok(())
    }

    /// Starts counting anew for somebody who has shown who they are.
    pub(super) async fn forget_tries(&self, tried: &Tried) -> Result<(), StoreError> {
        for (rule, whose) in tried.cells(self) {
            rule.clear(whose).await?;
        }
        Ok(())
    }

    /// The cookie by which the browser is known from now on to the account that was logged in to. A script's word may be about
    /// another account than the one that was named before it.
    pub(super) fn mark_device(&self, tried: &Tried, browser: &Browser) -> Option<CookieChange> {
        match tried.stake {
            Stake::Password | Stake::Code => {}
            Stake::Message | Stake::Credential => return None,
        }
        let account = marked(&tried.provider, tried.account.as_ref()?);
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        let shown = browser.devices.as_ref();
        let marks = self.device_marks.renew(shown, &account, nonce, self.now());
        Some(CookieChange::SetDevices(marks))
    }

    fn known_device(
        &self,
        browser: &Browser,
        provider: &ProviderId,
        account: Option<&Digest>,
    ) -> Option<String> {
        let shown: &Secret = browser.devices.as_ref()?;
        self.device_marks
            .find(shown, &marked(provider, account?), self.now())
    }
}

impl Tried {
    /// Where the try is counted before it is made.
    fn cells<'a>(&'a self, broker: &'a Broker) -> impl Iterator<Item = (&'a Shared, Whose<'a>)> {
        let limits = &broker.limits;
        let walk = Whose::Walk(&self.provider, &self.walk);
        let of_account = match (&self.device, &self.account) {
            (Some(device), _) => Some(Whose::Device(device)),
            (None, Some(account)) => Some(Whose::Account(&self.provider, account)),
            (None, None) => None,
        };
        let (first, second) = match self.stake {
            Stake::Password => (Some((&limits.login_passwords, of_account.unwrap_or(walk))), None),
            Stake::Code => (
                of_account.map(|whose| (&limits.login_codes, whose)),
                Some((&limits.login_codes, walk)),
            ),
            Stake::Message => (of_account.map(|whose| (&limits.login_messages, whose)), None),
            Stake::Credential => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Whether it is a stranger's try that guesses something or has somebody sent a message.
    fn is_counted_by_address(&self) -> bool {
        let counts = match self.stake {
            Stake::Password | Stake::Code | Stake::Message => true,
            Stake::Credential => false,
        };
        counts && self.device.is_none()
    }

    /// Whether the try was a request for a message, which fails for nobody.
    pub(super) fn asked_for_message(&self) -> bool {
        self.stake == Stake::Message
    }
}

/// The account as device marks know it.
fn marked(provider: &ProviderId, account: &Digest) -> String {
    format!("{provider}:{account}")
}
