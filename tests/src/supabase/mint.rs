//! Access tokens.
#![expect(
    clippy::disallowed_methods,
    reason = "the stand-in is another program, with a clock of its own"
)]

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::error::ApiError;
use super::key::{SECRET, Signer, Signing, mac};
use super::lie::Lie;
use super::session::Session;
use super::world::World;

/// How long an access token lives, in seconds.
pub(super) const LIFE: u64 = 3600;

pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is past 1970").as_secs()
}

impl World {
    /// The access token of a session.
    pub(super) fn access_token(&self, session: &Session) -> Result<String, ApiError> {
        let person = self.person_by_id(&session.user)?;
        let mut claims = json!({
            "iss": self.base,
            "sub": person.id,
            "aud": "authenticated",
            "exp": now() + LIFE,
            "iat": now(),
            "email": person.email,
            "phone": "",
            "app_metadata": person.app_metadata,
            "user_metadata": person.user_metadata,
            "role": "authenticated",
            "aal": session.aal(),
            "amr": [{"method": session.method, "timestamp": session.proven_at}],
            "session_id": session.id,
            "is_anonymous": person.anonymous,
        });
        match &self.lie {
            Some(Lie::Issuer(issuer)) => claims["iss"] = json!(issuer),
            Some(Lie::Audience(audience)) => claims["aud"] = json!(audience),
            Some(Lie::Subject(subject)) => claims["sub"] = json!(subject),
            Some(Lie::Anonymous) => claims["is_anonymous"] = json!(true),
            Some(Lie::Aal2) => claims["aal"] = json!("aal2"),
            Some(Lie::Aal1) => claims["aal"] = json!("aal1"),
            Some(Lie::Without(name)) => {
                claims
                    .as_object_mut()
                    .expect("claims are an object")
                    .remove(*name);
            }
            _ => {}
        }
        Ok(self.signed(&claims))
    }

    pub(super) fn signed(&self, claims: &Value) -> String {
        let mut claims = claims.clone();
        if let Some(Lie::Clock(ahead)) = self.lie {
            for name in ["iat", "exp", "auth_time"] {
                if let Some(told) = claims[name].as_i64() {
                    claims[name] = json!(told + ahead);
                }
            }
        }
        let claims = &claims;
        let header = |alg: &str| json!({"alg": alg, "typ": "JWT", "kid": self.signer.kid});
        match (&self.lie, self.signing) {
            (Some(Lie::Unsigned), _) => joined(&header("none"), claims, |_| Vec::new()),
            (Some(Lie::PublicKeyAsSecret), _) => joined(&header("HS256"), claims, |signed| {
                mac(self.signer.point(), signed)
            }),
            (Some(Lie::StolenKid), _) => {
                let other = Signer::generate();
                joined(&header("ES256"), claims, |signed| other.sign(signed))
            }
            (Some(Lie::UnknownKey), _) => {
                let other = Signer::generate();
                let named = json!({"alg": "ES256", "typ": "JWT", "kid": other.kid});
                joined(&named, claims, |signed| other.sign(signed))
            }
            (Some(Lie::Tampered), _) => joined(&header("ES256"), claims, |signed| {
                self.signer.sign(&format!("{signed}."))
            }),
            (_, Signing::Es256) => joined(&header("ES256"), claims, |signed| self.signer.sign(signed)),
            (_, Signing::Hs256 | Signing::Hs256BesideKeys) => {
                let named = json!({"alg": "HS256", "typ": "JWT"});
                joined(&named, claims, |signed| mac(SECRET.as_bytes(), signed))
            }
        }
    }
}

fn joined(header: &Value, claims: &Value, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}
