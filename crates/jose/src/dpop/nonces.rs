use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_protocol::Timestamp;

/// For how many seconds a nonce is the current one.
const SPAN: i64 = 5 * 60;

/// Makes nonces and knows them again without keeping any ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// Everybody is given the same one: for five minutes it is an HMAC of the time under a key, which nobody else can make ahead of
/// it. It is good for as long again, so that nobody is interrupted, and where replicas share a key, from a little before on, so
/// that their clocks may differ.
pub struct Nonces {
    current: Key,
    previous: Vec<Key>,
}

impl Nonces {
    /// Makes nonces under this key, which is used for nothing else.
    pub fn new(key: &[u8; 32]) -> Self {
        Self {
            current: Key::new(HMAC_SHA256, key),
            previous: Vec::new(),
        }
    }

    /// Believes nonces under an older key as well.
    #[must_use]
    pub fn and_previous(mut self, key: &[u8; 32]) -> Self {
        self.previous.push(Key::new(HMAC_SHA256, key));
        self
    }

    /// The nonce that is given out at `now`.
    pub fn current(&self, now: Timestamp) -> String {
        nonce(&self.current, span(now))
    }

    /// Whether a nonce is one of ours and not too old.
    pub fn is_good(&self, shown: &str, now: Timestamp) -> bool {
        let now = span(now);
        std::iter::once(&self.current)
            .chain(&self.previous)
            .any(|key| [now, now - 1, now + 1].iter().any(|at| nonce(key, *at) == shown))
    }

    /// The nonce to use from now on, if it is not the one that was shown.
    pub fn renewal(&self, shown: Option<&str>, now: Timestamp) -> Option<String> {
        Some(self.current(now)).filter(|current| shown != Some(current.as_str()))
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").finish_non_exhaustive()
    }
}

/// Half of the HMAC is as much as anybody could guess at.
fn nonce(key: &Key, span: i64) -> String {
    let tag = sign(key, &span.to_be_bytes());
    let half = tag.as_ref().get(..16).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(half)
}

fn span(now: Timestamp) -> i64 {
    now.as_secs().div_euclid(SPAN)
}
