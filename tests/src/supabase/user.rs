//! `GET /user` and `GET /settings`.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::error::Said;
use super::world::World;

impl World {
    pub(super) fn user(&self, headers: &HeaderMap) -> Said {
        let session = self.authenticate(headers)?;
        Ok(self.person_by_id(&session.user)?.shown())
    }

    pub(super) fn settings(&self) -> Value {
        json!({
            "external": self.external,
            "disable_signup": true,
            "mailer_autoconfirm": self.mailer_autoconfirm,
            "phone_autoconfirm": false,
            "sms_provider": "",
            "saml_enabled": false,
            "passkeys_enabled": false,
        })
    }
}
