//! `POST /token`: passwords, codes of social logins, refresh tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::error::{ApiError, Said};
use super::world::World;

/// A member of a body that is text; empty where there is none.
pub(super) fn text<'b>(body: &'b Value, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl World {
    pub(super) fn grant(&mut self, grant_type: &str, body: &Value) -> Said {
        match grant_type {
            "password" => self.password(text(body, "email"), text(body, "password")),
            "pkce" => self.pkce(text(body, "auth_code"), text(body, "code_verifier")),
            "refresh_token" => {
                let token = text(body, "refresh_token");
                if token.len() < 12 {
                    return Err(ApiError::validation("Refresh token is not valid"));
                }
                if self.is_of_client(token) == Some(true) {
                    return Err(ApiError::new(
                        400,
                        "invalid_client",
                        "Client authentication required for OAuth session",
                    ));
                }
                self.refresh(token)
            }
            _ => Err(ApiError::new(
                400,
                "invalid_credentials",
                "unsupported_grant_type",
            )),
        }
    }

    fn password(&mut self, email: &str, password: &str) -> Said {
        let wrong = || ApiError::new(400, "invalid_credentials", "Invalid login credentials");
        if email.is_empty() {
            return Err(ApiError::validation("missing email or phone"));
        }
        self.email_is_on()?;
        let person = self
            .person(email)
            .filter(|person| !person.deleted)
            .ok_or_else(wrong)?;
        let right = person.password.as_deref().ok_or_else(wrong)?;
        if person.banned {
            return Err(ApiError::new(400, "user_banned", "User is banned"));
        }
        if right != password {
            return Err(wrong());
        }
        if !person.confirmed {
            return Err(ApiError::new(400, "email_not_confirmed", "Email not confirmed"));
        }
        let id = person.id.clone();
        self.open(&id, "password")
    }

    fn pkce(&mut self, code: &str, verifier: &str) -> Said {
        if code.is_empty() || verifier.is_empty() {
            let text = "invalid request: both auth code and code verifier should be non-empty";
            return Err(ApiError::validation(text));
        }
        let flow = self
            .flows
            .iter()
            .position(|flow| flow.code == code && flow.user.is_some());
        let unknown = || {
            ApiError::new(
                404,
                "flow_state_not_found",
                "invalid flow state, no valid flow state found",
            )
        };
        let at = flow.ok_or_else(unknown)?;
        let flow = &self.flows[at];
        if flow.challenge != URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) {
            let text = "code challenge does not match previously saved code verifier";
            return Err(ApiError::new(400, "bad_code_verifier", text));
        }
        let user = flow.user.clone().ok_or_else(unknown)?;
        self.flows.remove(at);
        self.open(&user, "oauth")
    }

    pub(super) fn email_is_on(&self) -> Result<(), ApiError> {
        match self.external.get("email") {
            Some(true) => Ok(()),
            Some(false) | None => Err(ApiError::new(
                422,
                "email_provider_disabled",
                "Email logins are disabled",
            )),
        }
    }
}
