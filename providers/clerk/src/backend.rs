//! Clerk's backend API: whether a user still stands.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::ProviderOrigin;

use crate::SecretKey;

/// The backend API of one instance.
pub(crate) struct Backend {
    outbound: Outbound,
    api: ProviderOrigin,
    key: SecretKey,
}

/// What the API says of a user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Stands,
    Gone(&'static str),
}

#[derive(Deserialize)]
struct User {
    id: String,
    banned: bool,
}

#[derive(Deserialize)]
struct Refusal {
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublicKey>,
}

#[derive(Deserialize)]
struct PublicKey {
    kid: Option<String>,
}

impl Backend {
    pub(crate) fn new(api: ProviderOrigin, key: SecretKey, reach: Reach) -> Result<Self, ProviderError> {
        let outbound = Outbound::new(reach, Limits::default());
        Ok(Self {
            outbound: outbound.map_err(|error| ProviderError::Misconfigured(error.to_string()))?,
            api,
            key,
        })
    }

    /// Asks for one user. Only Clerk's own word that there is no such user counts as one: a 404 of anybody else's does not.
    pub(crate) async fn account(&self, id: &str) -> Result<Account, ProviderError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if id.is_empty() || !id.bytes().all(is_plain) {
            return Err(unavailable(
                "cannot be asked about a subject that is no user's id",
            ));
        }
        let answer = self.get(&format!("/v1/users/{id}")).await?;
        match answer.status() {
            StatusCode::OK => match read::<User>(&answer) {
                Some(user) if user.id != id => Err(unavailable("answered about another user")),
                Some(user) if user.banned => Ok(Account::Gone("the user is banned at Clerk")),
                // One who is locked stands: Clerk keeps the sessions of whoever may not sign in for a while, and anybody can have
                // somebody else locked with a few wrong passwords.
                Some(_) => Ok(Account::Stands),
                None => Err(unavailable("answered with what is no user")),
            },
            StatusCode::NOT_FOUND if is_not_found(&answer) => {
                Ok(Account::Gone("Clerk has no such user any more"))
            }
            status => Err(refused(status)),
        }
    }

    /// The ids of the keys that the instance of the secret key signs with.
    pub(crate) async fn key_ids(&self) -> Result<Vec<String>, ProviderError> {
        let answer = self.get("/v1/jwks").await?;
        match answer.status() {
            StatusCode::OK => key_ids(&answer).ok_or_else(|| unavailable("answered with what is no key set")),
            status => Err(refused(status)),
        }
    }

    /// The ids of the keys that the Frontend API publishes.
    pub(crate) async fn published_key_ids(&self, frontend_api: &str) -> Result<Vec<String>, ProviderError> {
        let request = Request::get(format!("{frontend_api}/.well-known/jwks.json"));
        let request = request
            .body(Bytes::new())
            .map_err(|_| unavailable("cannot be asked"))?;
        let answer = self.outbound.send(request).await;
        let answer = answer.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
        key_ids(&answer)
            .ok_or_else(|| ProviderError::Unavailable("the Frontend API publishes no key set".to_owned()))
    }

    async fn get(&self, path: &str) -> Result<Response<Bytes>, ProviderError> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", self.key.expose()))
            .map_err(|_| ProviderError::Misconfigured("secret_key does not fit a header".to_owned()))?;
        bearer.set_sensitive(true);
        let request = Request::get(format!("{}{path}", self.api))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer)
            .body(Bytes::new())
            .map_err(|_| unavailable("cannot be asked"))?;
        let answer = self.outbound.send(request).await;
        answer.map_err(|error| ProviderError::Unavailable(format!("Clerk's backend API: {error}")))
    }
}

fn read<T: DeserializeOwned>(answer: &Response<Bytes>) -> Option<T> {
    serde_json::from_slice(answer.body()).ok()
}

fn key_ids(answer: &Response<Bytes>) -> Option<Vec<String>> {
    let set: KeySet = read(answer)?;
    Some(set.keys.into_iter().filter_map(|key| key.kid).collect())
}

fn is_not_found(answer: &Response<Bytes>) -> bool {
    read::<Refusal>(answer).is_some_and(|refusal| {
        refusal
            .errors
            .iter()
            .any(|fault| fault.code == "resource_not_found")
    })
}

fn refused(status: StatusCode) -> ProviderError {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ProviderError::Misconfigured(format!(
            "Clerk's backend API answered with {status}; check secret_key"
        )),
        status => unavailable(&format!("answered with {status}")),
    }
}

fn unavailable(text: &str) -> ProviderError {
    ProviderError::Unavailable(format!("Clerk's backend API {text}"))
}
