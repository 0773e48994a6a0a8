//! What is kept between two steps of a login. The broker encrypts it.

use serde::{Deserialize, Serialize};
use vestibule_protocol::Secret;
use vestibule_provider::{ProviderError, Sealed};

use crate::api::Session;

/// How many wrong codes a login may have before it starts over.
const TRIES: u8 = 5;

/// Where the login stands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub(super) enum Kept {
    /// The first form is open.
    Start,
    /// The browser is away, with a social provider.
    Away {
        /// Which one.
        with: String,
    },
    /// The form for a password alone is open.
    Password,
    /// The form for the address that a code goes to is open.
    Address,
    /// A code was sent.
    Code(Sent),
    /// A second factor was asked for.
    SecondFactor(Asked),
}

/// A code that was sent.
#[derive(Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) email: String,
    pub(super) tries: Tries,
}

/// A second factor that was asked for, and the session that it lifts.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) subject: String,
    pub(super) factor: String,
    pub(super) challenge: String,
    pub(super) tries: Tries,
    access_token: String,
}

/// How many tries are left.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Tries(u8);

impl Tries {
    pub(super) fn all() -> Self {
        Self(TRIES)
    }

    /// What is left after a wrong one; `None` when it was the last.
    pub(super) fn less_one(self) -> Option<Self> {
        self.0.checked_sub(1).filter(|left| *left > 0).map(Self)
    }
}

impl Asked {
    pub(super) fn new(subject: String, factor: String, challenge: String, session: &Session) -> Self {
        Self {
            subject,
            factor,
            challenge,
            tries: Tries::all(),
            access_token: session.access_token.expose().to_owned(),
        }
    }

    pub(super) fn access_token(&self) -> Secret {
        Secret::new(self.access_token.clone())
    }
}

impl Kept {
    pub(super) fn seal(&self) -> Result<Sealed, ProviderError> {
        let bytes = serde_json::to_vec(self)
            .map_err(|_| ProviderError::Rejected("the state of the login cannot be written".to_owned()))?;
        Ok(Sealed::new(bytes))
    }

    pub(super) fn open(sealed: Option<&Sealed>) -> Result<Self, ProviderError> {
        sealed
            .and_then(|sealed| serde_json::from_slice(sealed.expose()).ok())
            .ok_or_else(|| ProviderError::Rejected("the state of the login cannot be read".to_owned()))
    }
}
