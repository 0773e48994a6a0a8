//! Guessing a client's secret is slow.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use vestibule_protocol::{ClientId, Secret, Timestamp};

use crate::Broker;
use crate::store::{Quota, StoreError, Verdict};

/// How many wrong secrets may be tried for one client at once, and how long until one more.
const GUESSES: Quota = Quota {
    burst: 20,
    per: Duration::from_secs(30),
};
/// From so many bits on, nobody finds a secret by trying
/// ([RFC 6749 §10.10](https://www.rfc-editor.org/rfc/rfc6749#section-10.10)).
const UNGUESSABLE: f64 = 128.0;

/// The clients whose secrets were guessed at too often, and until when nobody may try.
///
/// Only what this replica has learnt from the store: every replica learns it with one wrong guess. It holds no more clients
/// than the operator wrote down.
#[derive(Debug, Default)]
pub(crate) struct Guesses(RwLock<HashMap<ClientId, Timestamp>>);

impl Guesses {
    /// How long nobody may try a secret of this client.
    pub(crate) fn wait(&self, client: &ClientId, now: Timestamp) -> Option<Duration> {
        let closed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let until = *closed.get(client)?;
        (now < until).then(|| until.since(now))
    }

    fn close(&self, client: &ClientId, until: Timestamp) {
        let mut closed = self.0.write().unwrap_or_else(PoisonError::into_inner);
        closed.insert(client.clone(), until);
    }
}

impl Broker {
    /// Counts a wrong secret against its client, by whomever it was sent, and says how long nobody may try now.
    ///
    /// > the authorization server MUST protect any endpoint utilizing it against brute force attacks
    /// > ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1))
    pub(crate) async fn count_guess(&self, client: &ClientId) -> Result<Option<Duration>, StoreError> {
        let now = self.now();
        let cell = format!("secret:{client}");
        match self.store.check_limit(&cell, GUESSES, now).await? {
            Verdict::Go => Ok(None),
            Verdict::Wait(wait) => {
                tracing::warn!(%client, "wrong secrets keep coming for this client; a random one of 32 bytes cannot be guessed");
                self.guesses.close(client, now + wait);
                Ok(Some(wait))
            }
        }
    }
}

/// Whether somebody could find the secret by trying, as far as its text tells: it is short, or made of few characters.
pub(crate) fn is_guessable(secret: &Secret) -> bool {
    let text = secret.expose();
    let mut distinct: Vec<char> = text.chars().collect();
    let length = u32::try_from(distinct.len()).unwrap_or(u32::MAX);
    distinct.sort_unstable();
    distinct.dedup();
    let alphabet = u32::try_from(distinct.len()).unwrap_or(u32::MAX);
    f64::from(length) * f64::from(alphabet.max(1)).log2() < UNGUESSABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_made_as_the_reference_says_cannot_be_guessed() {
        for secret in [
            "kq0Y8rXo1r5m3J0mPp9Wc2o7eVtNq4uLz6sTgBhDxEA=",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
        ] {
            assert!(!is_guessable(&Secret::new(secret)), "{secret}");
        }
    }

    #[test]
    fn a_secret_that_a_person_made_up_can_be_guessed() {
        for secret in [
            "",
            "hunter2!",
            "mcp-test-secret",
            "correct horse battery staple",
            &"a".repeat(200),
        ] {
            assert!(is_guessable(&Secret::new(secret)), "{secret}");
        }
    }
}
