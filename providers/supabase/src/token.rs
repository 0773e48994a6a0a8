//! The project's access tokens: whose they are, and whether they hold.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::verify as verify_mac;
use jsonwebtoken::{Algorithm as Alg, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use vestibule_jose::{Algorithm, Audience, Expected, TokenType, VerifyError, numeric_date, verify};
use vestibule_protocol::{Issuer, Secret, Timestamp};
use vestibule_provider::ProviderError;

use crate::api::{Api, KeySet, User, printable};
use crate::cached::Cached;

/// For whom a signed-in user's tokens are.
const AUDIENCE: &str = "authenticated";

/// How old published keys may be: what the project itself says of them.
const KEYS_FRESH: Duration = Duration::from_secs(600);

/// How often an unknown `kid` has the keys fetched again.
const KEYS_COOLDOWN: Duration = Duration::from_secs(60);

/// How far the project's clock may be off.
const LEEWAY: Duration = Duration::from_secs(60);

/// What an access token says, once it holds.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: Audience,
    #[serde(with = "numeric_date")]
    exp: Timestamp,
    #[serde(with = "numeric_date")]
    iat: Timestamp,
    /// The user's id.
    pub(crate) sub: String,
    /// The project's name for the session.
    pub(crate) session_id: Option<String>,
    aal: Option<String>,
    /// How the user proved who they are, and when.
    #[serde(default)]
    amr: Value,
    #[serde(default)]
    is_anonymous: bool,
}

impl Claims {
    /// Whether the login was proven by a second factor.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.aal.as_deref() == Some("aal2")
    }

    /// When the user last proved who they are, as far as the project knows: never later than `now`.
    pub(crate) fn proven_at(&self, now: Timestamp) -> Timestamp {
        let entries = self.amr.as_array().map(Vec::as_slice).unwrap_or_default();
        let moments = entries
            .iter()
            .filter_map(|entry| entry.get("timestamp")?.as_i64())
            .filter(|moment| (1..=now.as_secs()).contains(moment));
        moments.max().map_or(self.iat, Timestamp::from_secs).min(now)
    }
}

/// A token that holds.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What it says.
    pub(crate) claims: Claims,
    /// The user, where the project had to be asked about the token.
    pub(crate) user: Option<User>,
}

/// Verifies one project's access tokens.
#[derive(Debug)]
pub(crate) struct Verifier {
    issuer: Issuer,
    expected: Expected,
    secret: Option<Secret>,
    keys: Cached<KeySet>,
}

impl Verifier {
    pub(crate) fn new(issuer: Issuer, secret: Option<Secret>) -> Self {
        let expected = Expected::new(issuer.clone(), TokenType::IdToken)
            .for_audience(AUDIENCE)
            .signed_with([Algorithm::Es256, Algorithm::Rs256])
            .with_leeway(LEEWAY);
        Self {
            issuer,
            expected,
            secret,
            keys: Cached::new(),
        }
    }

    /// Verifies an access token: by the project's published keys; by its secret or its own word only where it publishes none.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub(crate) async fn verify(
        &self,
        api: &Api,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Verified, ProviderError> {
        let text = token.expose();
        let keys = self.keys.get(KEYS_FRESH, || api.keys()).await?;
        if algorithm(text)? == "HS256" {
            return self.verify_symmetric(api, token, &keys, now).await;
        }
        let verified = match verify::<Claims>(text, &keys.verifying, &self.expected, now) {
            Err(VerifyError::UnknownKey(_)) => {
                let newer = self.keys.newer_than(keys, KEYS_COOLDOWN, || api.keys()).await;
                verify(text, &newer.verifying, &self.expected, now)
            }
            other => other,
        };
        let claims = verified.map_err(|error| self.explain(&error, text))?;
        self.check(&claims, now)?;
        Ok(Verified { claims, user: None })
    }

    /// HS256: whoever can verify such a token can make one, so the token itself never gets to choose it.
    async fn verify_symmetric(
        &self,
        api: &Api,
        token: &Secret,
        keys: &KeySet,
        now: Timestamp,
    ) -> Result<Verified, ProviderError> {
        if keys.published > 0 {
            return Err(ProviderError::Misconfigured(
                "the project publishes signing keys, but signed this token with its legacy secret (HS256), which is not \
                 accepted beside them; finish the rotation under Project Settings > JWT Keys"
                    .to_owned(),
            ));
        }
        let user = match &self.secret {
            Some(secret) => {
                check_mac(token.expose(), secret)?;
                None
            }
            None => Some(api.user(token).await?),
        };
        let claims: Claims = payload(token.expose())?;
        self.check(&claims, now)?;
        Ok(Verified { claims, user })
    }

    fn check(&self, claims: &Claims, now: Timestamp) -> Result<(), ProviderError> {
        if claims.iss != self.issuer.as_str() {
            return Err(self.wrong_issuer(&claims.iss));
        }
        let rejected = |text: &str| Err(ProviderError::Rejected(text.to_owned()));
        if !claims.aud.contains(AUDIENCE) {
            return rejected("the access token is not for \"authenticated\" users");
        }
        if now >= claims.exp + LEEWAY {
            return rejected("the access token has expired already; is this machine's clock right?");
        }
        if claims.iat > now + LEEWAY {
            return rejected("the access token is from the future; is this machine's clock right?");
        }
        if claims.sub.is_empty() {
            return rejected("the access token names no user");
        }
        if claims.is_anonymous {
            return rejected("the access token is an anonymous user's, and nobody vouches for who that is");
        }
        Ok(())
    }

    fn explain(&self, error: &VerifyError, token: &str) -> ProviderError {
        #[derive(Deserialize)]
        struct Issued {
            iss: String,
        }

        match error {
            // The signature holds by then.
            VerifyError::WrongIssuer => match payload::<Issued>(token) {
                Ok(issued) => self.wrong_issuer(&issued.iss),
                Err(error) => error,
            },
            VerifyError::Expired | VerifyError::NotYetValid => {
                ProviderError::Rejected(format!("{error}; is this machine's clock right?"))
            }
            _ => ProviderError::Rejected(format!("the access token does not hold: {error}")),
        }
    }

    fn wrong_issuer(&self, found: &str) -> ProviderError {
        let found = printable(found);
        ProviderError::Rejected(format!(
            "the project's tokens are issued by {found}, not by {}; if the project is self-hosted, write issuer = \"{found}\"",
            self.issuer
        ))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// The algorithm that a token names; nothing is believed of it yet.
fn algorithm(token: &str) -> Result<String, ProviderError> {
    let header = token.split('.').next().unwrap_or_default();
    let header: Header = decoded(header)?;
    Ok(header.alg)
}

fn payload<T: for<'de> Deserialize<'de>>(token: &str) -> Result<T, ProviderError> {
    decoded(token.split('.').nth(1).unwrap_or_default())
}

fn decoded<T: for<'de> Deserialize<'de>>(segment: &str) -> Result<T, ProviderError> {
    let malformed = || ProviderError::Rejected("the access token is malformed".to_owned());
    let bytes = URL_SAFE_NO_PAD.decode(segment).map_err(|_| malformed())?;
    serde_json::from_slice(&bytes).map_err(|_| malformed())
}

/// Compares in constant time, inside the library.
fn check_mac(token: &str, secret: &Secret) -> Result<(), ProviderError> {
    let wrong = || {
        ProviderError::Rejected(
            "the access token is not signed with jwt_secret; copy it again from Project Settings > JWT Keys"
                .to_owned(),
        )
    };
    let (signed, signature) = token.rsplit_once('.').ok_or_else(wrong)?;
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    match verify_mac(signature, signed.as_bytes(), &key, Alg::HS256) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(wrong()),
    }
}
