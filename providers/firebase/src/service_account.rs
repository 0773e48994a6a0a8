//! A service account, as whom the broker reads the project's own record of a user.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use vestibule_protocol::{Secret, Timestamp};

/// What the access token may be used for: Firebase Authentication, and nothing else of Google's.
const SCOPE: &str = "https://www.googleapis.com/auth/identitytoolkit";

/// How long an assertion is good for, in seconds. Google takes an hour at most.
const ASSERTION_LIFE: i64 = 300;

/// The longest kind that is repeated in an error, in characters.
const LONGEST_KIND: usize = 40;

/// The key of a service account, as the console gives it.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    email: String,
    project: String,
    key_id: String,
    private_key: Secret,
}

/// Why a text is no service account's key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServiceAccountError {
    /// It is no JSON.
    #[error("is no JSON; write the whole of the file that the console gives for a service account's key")]
    NotJson,
    /// It is another kind of credential.
    #[error(
        "is {0}, not the key of a service account; make one in the console under Project settings, Service accounts"
    )]
    OtherKind(String),
    /// A member is not there.
    #[error("has no {0}; write the whole of the file that the console gives for a service account's key")]
    Missing(&'static str),
    /// The private key cannot be read.
    #[error("has a private_key that cannot be read; copy the file as it is, with the \\n in its key")]
    BadKey,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: Option<String>,
    project_id: Option<String>,
    private_key_id: Option<String>,
    private_key: Option<Secret>,
    client_email: Option<String>,
}

impl ServiceAccount {
    /// Reads the JSON of a key. Where Google is, the file does not get to say: the assertion goes to Google alone.
    ///
    /// # Errors
    /// [`ServiceAccountError`].
    pub fn parse(text: &Secret) -> Result<Self, ServiceAccountError> {
        // What serde has to say may quote the key.
        let wire: Wire = serde_json::from_str(text.expose()).map_err(|_| ServiceAccountError::NotJson)?;
        if wire.kind.as_deref() != Some("service_account") {
            return Err(ServiceAccountError::OtherKind(described(wire.kind)));
        }
        let account = Self {
            email: there("client_email", wire.client_email)?,
            project: there("project_id", wire.project_id)?,
            key_id: there("private_key_id", wire.private_key_id)?,
            private_key: wire
                .private_key
                .ok_or(ServiceAccountError::Missing("private_key"))?,
        };
        let signs = account.assertion("", Timestamp::from_secs(0)).is_some();
        signs.then_some(account).ok_or(ServiceAccountError::BadKey)
    }

    /// The address that stands for the account wherever roles are given.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The project that the account belongs to.
    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    /// A signed request for an access token
    /// ([RFC 7523 §2.1](https://www.rfc-editor.org/rfc/rfc7523#section-2.1), in Google's form: `scope` stands among the claims);
    /// `None` when the key cannot sign.
    pub(crate) fn assertion(&self, audience: &str, now: Timestamp) -> Option<Secret> {
        let key = EncodingKey::from_rsa_pem(self.private_key.expose().as_bytes()).ok()?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone());
        let issued_at = now.as_secs();
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": audience,
            "iat": issued_at,
            "exp": issued_at + ASSERTION_LIFE,
        });
        jsonwebtoken::encode(&header, &claims, &key).ok().map(Secret::new)
    }
}

fn there(name: &'static str, value: Option<String>) -> Result<String, ServiceAccountError> {
    value
        .filter(|value| !value.is_empty())
        .ok_or(ServiceAccountError::Missing(name))
}

/// What kind of credential it says that it is, where that is a name and nothing else.
fn described(kind: Option<String>) -> String {
    let is_name = |kind: &String| {
        kind.len() <= LONGEST_KIND && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    kind.filter(is_name).map_or_else(
        || "some other JSON".to_owned(),
        |kind| format!("a credential of the type {kind}"),
    )
}
