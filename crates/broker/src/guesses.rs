//! Guessing a client's secret is slow.

use vestibule_protocol::{ClientId, Secret};

use crate::limits::Whose;
use crate::{Broker, LimitError, Limited};

/// From so many bits on, nobody finds a secret by trying
/// ([RFC 6749 §10.10](https://www.rfc-editor.org/rfc/rfc6749#section-10.10)).
const UNGUESSABLE: f64 = 128.0;

impl Broker {
    /// Whether too many wrong secrets have come for this client. Only what this replica has learnt from the store: every replica
    /// learns it with one wrong guess, and a right secret costs no call to the store.
    pub(crate) fn may_guess(&self, client: &ClientId) -> Result<(), Limited> {
        self.limits.client_secrets.look(Whose::Client(client))
    }

    /// Counts a wrong secret against its client, by whomever it was sent.
    ///
    /// > the authorization server MUST protect any endpoint utilizing it against brute force attacks
    /// > ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1))
    pub(crate) async fn count_guess(&self, client: &ClientId) -> Result<(), LimitError> {
        let counted = self.limits.client_secrets.take(Whose::Client(client)).await;
        if counted.is_err() {
            tracing::warn!(%client, "wrong secrets keep coming for this client; a random one of 32 bytes cannot be guessed");
        }
        counted
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
