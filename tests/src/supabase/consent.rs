//! Consent at the OAuth server: what the operator's page asks of the API, and such a page in its simplest form.

use axum::http::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use super::authorize::Query;
use super::error::{ApiError, Said};
use super::oauth::{Authorization, with_error};
use super::token::text;
use super::world::{Social, World, uuid};

impl World {
    /// `GET /oauth/authorizations/{id}`: what is asked of whoever is signed in, and theirs to decide from now on.
    pub(super) fn authorization(&mut self, headers: &HeaderMap, id: &str) -> Said {
        let user = self.authenticate(headers)?.user.clone();
        let person = self.person_by_id(&user)?;
        let email = person.email.clone();
        let asked = self.look_at(id, &user)?;
        Ok(json!({
            "authorization_id": asked.id,
            "redirect_uri": asked.redirect_uri,
            "client": {"id": asked.client, "name": "Vestibule"},
            "user": {"id": user, "email": email},
            "scope": asked.scope,
        }))
    }

    /// `POST /oauth/authorizations/{id}/consent`.
    pub(super) fn consent(&mut self, headers: &HeaderMap, id: &str, body: &Value) -> Said {
        let user = self.authenticate(headers)?.user.clone();
        let back = match text(body, "action") {
            "approve" => self.approve(id, &user)?,
            "deny" => self.deny(id, &user)?,
            _ => return Err(ApiError::validation("action must be 'approve' or 'deny'")),
        };
        Ok(json!({"redirect_url": back}))
    }

    /// The operator's page: whoever the social provider would sign in is signed in there and allows at once, or says no.
    pub(super) fn page(&mut self, query: &Query) -> Result<String, ApiError> {
        let id = query.get("authorization_id").cloned().unwrap_or_default();
        let (email, allows) = match &self.social {
            Social::SignsIn(email) => (Some(email.clone()), true),
            Social::Denies | Social::Fails => (None, false),
        };
        let found =
            |person: &&super::person::Person| email.as_ref().is_none_or(|email| person.email == *email);
        let person = self.people.iter().find(found);
        let user = person.map(|person| person.id.clone()).unwrap_or_default();
        self.look_at(&id, &user)?;
        if allows {
            self.approve(&id, &user)
        } else {
            self.deny(&id, &user)
        }
    }

    fn look_at(&mut self, id: &str, user: &str) -> Result<&Authorization, ApiError> {
        let asked = self.pending(id)?;
        match &asked.user {
            Some(other) if other != user => Err(not_found()),
            _ => {
                asked.user = Some(user.to_owned());
                Ok(asked)
            }
        }
    }

    fn approve(&mut self, id: &str, user: &str) -> Result<String, ApiError> {
        let asked = self.pending(id)?;
        if asked.user.as_deref() != Some(user) {
            return Err(not_found());
        }
        let code = uuid();
        let mut back = Url::parse(&asked.redirect_uri).expect("a redirect URI is a URL");
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked.state);
        asked.code = Some(code);
        Ok(back.into())
    }

    fn deny(&mut self, id: &str, user: &str) -> Result<String, ApiError> {
        let asked = self.pending(id)?;
        if asked.user.as_deref() != Some(user) {
            return Err(not_found());
        }
        let back = with_error(
            &asked.redirect_uri,
            "access_denied",
            "User denied the request",
            &asked.state,
        );
        self.authorizations.retain(|known| known.id != id);
        Ok(back)
    }

    fn pending(&mut self, id: &str) -> Result<&mut Authorization, ApiError> {
        let found = self.authorizations.iter_mut().find(|known| known.id == id);
        let asked = found.ok_or_else(not_found)?;
        if asked.code.is_some() {
            let text = "authorization request is no longer pending";
            return Err(ApiError::validation(text));
        }
        Ok(asked)
    }
}

fn not_found() -> ApiError {
    ApiError::new(404, "oauth_authorization_not_found", "authorization not found")
}
