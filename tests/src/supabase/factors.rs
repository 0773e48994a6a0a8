//! `POST /factors/{id}/challenge` and `/verify`.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::error::{ApiError, Said};
use super::mint::now;
use super::person::Factor;
use super::token::text;
use super::world::{Challenge, World, uuid};

impl World {
    pub(super) fn challenge(&mut self, headers: &HeaderMap, factor: &str) -> Said {
        let (_, found) = self.factor(headers, factor)?;
        let kind = found.kind;
        let id = uuid();
        self.challenges.push(Challenge {
            id: id.clone(),
            factor: factor.to_owned(),
            verified: false,
        });
        Ok(json!({"id": id, "type": kind, "expires_at": now() + 300}))
    }

    pub(super) fn verify_factor(&mut self, headers: &HeaderMap, factor: &str, body: &Value) -> Said {
        let (session, found) = self.factor(headers, factor)?;
        let right = found.code == text(body, "code");
        let challenge = text(body, "challenge_id");
        let known = self
            .challenges
            .iter_mut()
            .find(|known| known.id == challenge && known.factor == factor);
        let known = known.ok_or(ApiError::new(
            422,
            "mfa_factor_not_found",
            "MFA factor with the provided challenge ID not found",
        ))?;
        if known.verified {
            let text = "Challenge and verify IP addresses mismatch.";
            return Err(ApiError::new(422, "mfa_ip_address_mismatch", text));
        }
        if !right {
            return Err(ApiError::new(
                422,
                "mfa_verification_failed",
                "Invalid TOTP code entered",
            ));
        }
        known.verified = true;
        self.lift(&session)
    }

    /// The session of the request, and one of its user's factors.
    fn factor(&self, headers: &HeaderMap, id: &str) -> Result<(String, &Factor), ApiError> {
        let session = self.authenticate(headers)?;
        let person = self.person_by_id(&session.user)?;
        let found = person.factors.iter().find(|factor| factor.id == id);
        let missing = ApiError::new(404, "mfa_factor_not_found", "Factor not found");
        Ok((session.id.clone(), found.ok_or(missing)?))
    }
}
