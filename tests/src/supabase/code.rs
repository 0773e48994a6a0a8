//! `POST /otp` and `POST /verify`: codes by email.

use serde_json::{Value, json};

use super::error::{ApiError, Said};
use super::token::text;
use super::world::{World, six_digits};

impl World {
    pub(super) fn send_code(&mut self, body: &Value) -> Said {
        let email = text(body, "email");
        if !email.contains('@') {
            return Err(ApiError::validation(
                "Unable to validate email address: invalid format",
            ));
        }
        let known = self.person(email).is_some_and(|person| !person.deleted);
        if !known {
            // The stand-in signs nobody up: the broker never asks it to.
            return Err(ApiError::new(422, "otp_disabled", "Signups not allowed for otp"));
        }
        self.email_is_on()?;
        self.codes.insert(email.to_owned(), six_digits());
        Ok(json!({}))
    }

    pub(super) fn verify_code(&mut self, body: &Value) -> Said {
        let (email, code) = (text(body, "email"), text(body, "token"));
        if text(body, "type") != "email" || code.is_empty() {
            return Err(ApiError::validation(
                "Verify requires a verification type and a token",
            ));
        }
        if self.codes.get(email).map(String::as_str) != Some(code) {
            return Err(ApiError::new(
                403,
                "otp_expired",
                "Token has expired or is invalid",
            ));
        }
        self.codes.remove(email);
        let person = self.person(email).filter(|person| !person.deleted);
        let person = person.ok_or(ApiError::new(
            403,
            "otp_expired",
            "Token has expired or is invalid",
        ))?;
        if person.banned {
            return Err(ApiError::new(403, "user_banned", "User is banned"));
        }
        let id = person.id.clone();
        self.open(&id, "otp")
    }
}
