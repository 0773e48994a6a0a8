//! Somebody who signed up.

use serde_json::{Value, json};

use super::world::uuid;

/// Somebody who signed up at the project.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a column of the real one's table"
)]
pub struct Person {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) password: Option<String>,
    pub(super) confirmed: bool,
    /// Whether the address was shown to be theirs, and not just taken for confirmed.
    pub(super) proven: bool,
    pub(super) banned: bool,
    pub(super) deleted: bool,
    pub(super) anonymous: bool,
    pub(super) app_metadata: Value,
    pub(super) user_metadata: Value,
    pub(super) factors: Vec<Factor>,
}

/// A second factor.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) verified: bool,
    /// What the app shows, or the message says.
    pub(super) code: String,
}

impl Person {
    /// Somebody whose address is confirmed, without a password.
    pub fn new(email: &str) -> Self {
        Self {
            id: uuid(),
            email: email.to_owned(),
            password: None,
            confirmed: true,
            proven: true,
            banned: false,
            deleted: false,
            anonymous: false,
            app_metadata: json!({"provider": "email", "providers": ["email"]}),
            user_metadata: json!({}),
            factors: Vec::new(),
        }
    }

    /// With a password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Who has not opened the link in the email yet.
    #[must_use]
    pub fn unconfirmed(mut self) -> Self {
        self.confirmed = false;
        self
    }

    /// Whose address was taken for confirmed without a proof.
    #[must_use]
    pub fn unproven(mut self) -> Self {
        self.proven = false;
        self
    }

    /// Whom the operator has locked out.
    #[must_use]
    pub fn banned(mut self) -> Self {
        self.banned = true;
        self
    }

    /// Who is no more.
    #[must_use]
    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self
    }

    /// Who never said who they are.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// With this in the part of the user that the project's servers write.
    #[must_use]
    pub fn app_metadata(mut self, name: &str, value: Value) -> Self {
        self.app_metadata[name] = value;
        self
    }

    /// With this in the part that users write themselves.
    #[must_use]
    pub fn user_metadata(mut self, name: &str, value: Value) -> Self {
        self.user_metadata[name] = value;
        self
    }

    /// With a verified second factor of this kind (`totp`, `phone`, `webauthn`), whose code is always this one.
    #[must_use]
    pub fn factor(self, kind: &'static str, code: &str) -> Self {
        self.with_factor(kind, code, true)
    }

    /// With a second factor that was begun and never finished.
    #[must_use]
    pub fn unverified_factor(self, kind: &'static str) -> Self {
        self.with_factor(kind, "000000", false)
    }

    /// Without any second factor.
    #[must_use]
    pub fn without_factors(mut self) -> Self {
        self.factors.clear();
        self
    }

    fn with_factor(mut self, kind: &'static str, code: &str, verified: bool) -> Self {
        self.factors.push(Factor {
            id: uuid(),
            kind,
            verified,
            code: code.to_owned(),
        });
        self
    }

    /// The user as the API shows it.
    pub(super) fn shown(&self) -> Value {
        let at = "2026-01-01T00:00:00.000000Z";
        let factors: Vec<Value> = self.factors.iter().map(|factor| factor.shown(at)).collect();
        let mut user = json!({
            "id": self.id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": self.email,
            "phone": "",
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            "identities": [{
                "id": self.id,
                "user_id": self.id,
                "provider": "email",
                "email": self.email,
                "identity_data": {
                    "sub": self.id,
                    "email": self.email,
                    "email_verified": self.confirmed && self.proven,
                    "phone_verified": false,
                },
                "created_at": at,
                "updated_at": at,
            }],
            "created_at": at,
            "updated_at": at,
            "is_anonymous": self.anonymous,
        });
        if self.confirmed {
            user["email_confirmed_at"] = json!(at);
            user["confirmed_at"] = json!(at);
        }
        if !factors.is_empty() {
            user["factors"] = json!(factors);
        }
        user
    }
}

impl Factor {
    fn shown(&self, at: &str) -> Value {
        json!({
            "id": self.id,
            "created_at": at,
            "updated_at": at,
            "status": if self.verified { "verified" } else { "unverified" },
            "friendly_name": "an app",
            "factor_type": self.kind,
            "last_challenged_at": null,
        })
    }
}
