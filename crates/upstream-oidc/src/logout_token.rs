//! Logout tokens ([Back-Channel Logout §2.6](https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation)).

use std::time::Duration;

use vestibule_protocol::{Subject, Timestamp};
use vestibule_provider::{LogoutNotice, Once, ProviderError, Whose};

use crate::id_token::LEEWAY;
use crate::{Claims, RelyingParty};

/// What the token says has happened.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old a token may be.
const OLDEST: Duration = Duration::from_secs(600);

impl RelyingParty {
    /// Verifies a logout token by the same keys and algorithms as an ID token.
    pub(crate) async fn verify_logout_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<LogoutNotice, ProviderError> {
        let what = "logout token";
        let metadata = self.metadata().await?;
        let claims = self.verify(what, token, &["jwt", "logout+jwt"]).await?.claims;
        self.check_registered(what, &claims, &metadata, &self.upstream.client_id, now)?;
        let rejected = |text: &str| ProviderError::Rejected(format!("the logout token {text}"));
        let is_event = claims
            .get("events")
            .and_then(|events| events.get(EVENT))
            .is_some_and(serde_json::Value::is_object);
        if !is_event {
            return Err(rejected("says of no logout (events)"));
        }
        // “Verify that the Logout Token does not contain a nonce Claim”: an ID token must not pass for one.
        if claims.get("nonce").is_some() {
            return Err(rejected("has a nonce, like an ID token"));
        }
        let issued = claims.moment("iat").ok_or_else(|| rejected("has no iat"))?;
        if now.since(issued) > OLDEST + LEEWAY {
            return Err(rejected("is too old (iat)"));
        }
        let id = claims
            .text("jti")
            .filter(|id| id.len() <= 512)
            .ok_or_else(|| rejected("has no jti"))?;
        let whose = self.whose(&claims)?;
        Ok(LogoutNotice {
            whose,
            once: Once {
                key: format!("logout:{}:{id}", self.id),
                expires_at: issued.max(now) + OLDEST + LEEWAY + LEEWAY,
            },
        })
    }

    /// One login where the token names it; otherwise all of the user's, whom only `sub` can name.
    fn whose(&self, claims: &Claims) -> Result<Whose, ProviderError> {
        if let Some(sid) = claims.text("sid") {
            return Ok(Whose::Login { sid: sid.to_owned() });
        }
        match claims.text("sub") {
            Some(sub) if self.is_subject_sub() => Subject::of(&self.id, sub)
                .map(Whose::User)
                .map_err(|error| ProviderError::Rejected(error.to_string())),
            Some(sub) => Ok(Whose::Called { sub: sub.to_owned() }),
            None => Err(ProviderError::Rejected(
                "the logout token names neither sid nor sub".to_owned(),
            )),
        }
    }
}
