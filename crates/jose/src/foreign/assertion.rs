//! The claims of an assertion.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;
use vestibule_protocol::Timestamp;

use super::Jws;
use crate::{Audience, numeric_date};

/// What an assertion says ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)): the claims that every assertion
/// has, and the rest. Of the named ones a repeated one is refused.
#[derive(Debug, Clone, Deserialize)]
pub struct AssertionClaims {
    /// Who signed it.
    pub iss: String,
    /// Whom it is about.
    pub sub: String,
    /// For whom it is.
    pub aud: Audience,
    /// From when on it is good no more.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(default, with = "numeric_date::option")]
    pub iat: Option<Timestamp>,
    /// From when on it is good.
    #[serde(default, with = "numeric_date::option")]
    pub nbf: Option<Timestamp>,
    /// What is different in each.
    #[serde(default)]
    pub jti: Option<String>,
    /// Every other claim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl AssertionClaims {
    /// Reads the claims. They are somebody's word alone until the signature has been found good.
    pub fn read(jws: &Jws<'_>) -> Option<Self> {
        serde_json::from_slice(&jws.payload()?).ok()
    }

    /// Judges the times.
    ///
    /// > The JWT MUST contain an "exp" (expiration time) claim that limits the time window during which the JWT can be used.
    /// > The authorization server MUST reject any JWT with an expiration time that has passed, subject to allowable clock
    /// > skew between systems. Note that the authorization server may reject JWTs with an "exp" claim value that is
    /// > unreasonably far in the future.
    ///
    /// # Errors
    /// [`ClockError`].
    pub fn check_times(&self, clocks: Clocks, now: Timestamp) -> Result<(), ClockError> {
        let Clocks { skew, longest } = clocks;
        if now >= self.exp + skew {
            return Err(ClockError::Expired);
        }
        if self.exp > now + longest + skew {
            return Err(ClockError::TooLong(longest));
        }
        let latest = now + skew;
        if [self.nbf, self.iat].into_iter().flatten().any(|at| at > latest) {
            return Err(ClockError::NotYet);
        }
        Ok(())
    }

    /// How long the assertion has to be remembered, so that it is good once.
    pub fn forgettable_at(&self, clocks: Clocks) -> Timestamp {
        self.exp + clocks.skew
    }
}

/// How far clocks may differ, and how long an assertion may be good.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// How far the signer's clock may be off.
    pub skew: Duration,
    /// How far ahead the end may lie.
    pub longest: Duration,
}

/// What is wrong with an assertion's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClockError {
    /// Its time is over.
    #[error("has expired (exp): make a new one for each request, and compare the clocks")]
    Expired,
    /// Its time has not come.
    #[error("is from the future (iat, nbf): compare the clocks")]
    NotYet,
    /// It would be good for too long.
    #[error("is good for too long (exp): {} seconds from now on are the most", .0.as_secs())]
    TooLong(Duration),
}
