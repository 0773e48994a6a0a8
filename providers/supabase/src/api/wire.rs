//! What the API answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vestibule_jose::{Jwks, VerifyingKeys};
use vestibule_protocol::Secret;

/// What a project offers.
#[derive(Debug, Deserialize)]
pub(crate) struct ProjectSettings {
    /// Each way to sign in, and whether it is on.
    pub(crate) external: BTreeMap<String, Value>,
    /// Whether email addresses count as confirmed without a proof.
    #[serde(default)]
    pub(crate) mailer_autoconfirm: bool,
}

impl ProjectSettings {
    /// Whether a way to sign in is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.external.get(name) == Some(&Value::Bool(true))
    }
}

/// The tokens of one session.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Secret,
}

/// A user, as the project knows it.
#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) email_confirmed_at: Option<String>,
    /// Written by the project's own servers.
    #[serde(default)]
    pub(crate) app_metadata: Value,
    /// Written by the user: for people to read, and for nothing else.
    #[serde(default, rename = "user_metadata")]
    pub(crate) own_words: Value,
    #[serde(default)]
    pub(crate) factors: Vec<Factor>,
    #[serde(default)]
    pub(crate) is_anonymous: bool,
    #[serde(default)]
    identities: Vec<KnownBy>,
}

/// What a user goes by: an address, or an account at a social provider.
#[derive(Debug, Deserialize)]
struct KnownBy {
    #[serde(default)]
    identity_data: Value,
}

impl User {
    /// Whether the user has shown that the address is theirs. `email_confirmed_at` alone does not say so: it is also set where
    /// addresses are confirmed without a proof, and stays when the project comes to ask for one.
    pub(crate) fn has_shown_address(&self) -> bool {
        let Some(email) = &self.email else {
            return false;
        };
        let shown = |known: &KnownBy| {
            let text = known.identity_data.get("email").and_then(Value::as_str);
            text.is_some_and(|text| text.eq_ignore_ascii_case(email))
                && known.identity_data.get("email_verified") == Some(&Value::Bool(true))
        };
        self.email_confirmed_at.as_ref().is_some_and(|at| !at.is_empty()) && self.identities.iter().any(shown)
    }
}

/// A second factor.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Factor {
    pub(crate) id: String,
    #[serde(rename = "factor_type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) friendly_name: Option<String>,
}

/// A second factor that was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) id: String,
}

/// The keys that a project publishes.
#[derive(Debug)]
pub(crate) struct KeySet {
    /// Those that can be verified with.
    pub(crate) verifying: VerifyingKeys,
    /// How many there are, of whatever kind. None: the project signs with a secret (HS256).
    pub(crate) published: usize,
}

impl<'de> Deserialize<'de> for KeySet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        let jwks: Jwks = serde_json::from_value(document.clone()).map_err(serde::de::Error::custom)?;
        let published = document.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
        Ok(Self {
            verifying: VerifyingKeys::from_jwks(&jwks),
            published,
        })
    }
}

/// An answer whose body says nothing of interest, and may be empty.
#[derive(Debug)]
pub(crate) struct Nothing;

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
