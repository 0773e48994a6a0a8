//! The project's Auth API, one method for each call.

mod error;
mod wire;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use vestibule_outbound::Outbound;
use vestibule_protocol::{CodeVerifier, Secret};

use crate::{ProjectUrl, PublishableKey};

pub(crate) use error::{ApiError, Refusal, printable};
pub(crate) use wire::{Challenge, Factor, KeySet, Nothing, ProjectSettings, Session, User};

/// With it, errors are `{code, message}`; without, they have an older form.
const API_VERSION: &str = "2024-01-01";

/// Calls one project. The publishable key goes in a header of its own and never as a bearer token: the newer ones are no JWTs.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: Url,
    key: HeaderValue,
    outbound: Outbound,
}

/// One call, before it is sent.
struct Call<'a> {
    method: Method,
    path: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
    bearer: Option<&'a Secret>,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    fn get(path: &'a [&'a str]) -> Self {
        Self {
            method: Method::GET,
            path,
            query: &[],
            bearer: None,
            body: None,
        }
    }

    fn post(path: &'a [&'a str], body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(path)
        }
    }

    fn with(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }

    fn of_user(self, token: &'a Secret) -> Self {
        Self {
            bearer: Some(token),
            ..self
        }
    }
}

impl Api {
    /// The API below `url`, the project's.
    ///
    /// # Errors
    /// [`ApiError::Misconfigured`] when the key cannot stand in a header.
    pub(crate) fn new(url: &ProjectUrl, key: &PublishableKey, outbound: Outbound) -> Result<Self, ApiError> {
        let key = HeaderValue::from_str(&key.to_string()).map_err(|_| {
            ApiError::Misconfigured("publishable_key has characters that no key has".to_owned())
        })?;
        Ok(Self {
            base: url.auth(),
            key,
            outbound,
        })
    }

    /// An address below the API's.
    pub(crate) fn address(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// What the project offers.
    pub(crate) async fn settings(&self) -> Result<ProjectSettings, ApiError> {
        self.call(Call::get(&["settings"])).await
    }

    /// The keys that the project signs tokens with.
    pub(crate) async fn keys(&self) -> Result<KeySet, ApiError> {
        self.call(Call::get(&[".well-known", "jwks.json"])).await
    }

    /// Signs in with a password.
    pub(crate) async fn password(&self, email: &str, password: &Secret) -> Result<Session, ApiError> {
        let body = json!({"email": email, "password": password.expose()});
        let call = Call::post(&["token"], body).with(&[("grant_type", "password")]);
        self.call(call).await
    }

    /// Redeems the code that a social provider's redirect brought back.
    pub(crate) async fn exchange(&self, code: &str, verifier: &CodeVerifier) -> Result<Session, ApiError> {
        let body = json!({"auth_code": code, "code_verifier": verifier.expose()});
        let call = Call::post(&["token"], body).with(&[("grant_type", "pkce")]);
        self.call(call).await
    }

    /// Has a one-time code sent to a user that exists.
    pub(crate) async fn send_code(&self, email: &str) -> Result<Nothing, ApiError> {
        self.call(Call::post(
            &["otp"],
            json!({"email": email, "create_user": false}),
        ))
        .await
    }

    /// Signs in with a one-time code.
    pub(crate) async fn verify_code(&self, email: &str, code: &Secret) -> Result<Session, ApiError> {
        let body = json!({"type": "email", "email": email, "token": code.expose()});
        self.call(Call::post(&["verify"], body)).await
    }

    /// Begins to ask for a second factor; a telephone gets its message now.
    pub(crate) async fn challenge(&self, token: &Secret, factor: &str) -> Result<Challenge, ApiError> {
        let path = ["factors", factor, "challenge"];
        self.call(Call::post(&path, json!({})).of_user(token)).await
    }

    /// Answers a challenge, for a session of a higher level.
    pub(crate) async fn verify_factor(
        &self,
        token: &Secret,
        factor: &str,
        challenge: &str,
        code: &Secret,
    ) -> Result<Session, ApiError> {
        let path = ["factors", factor, "verify"];
        let body = json!({"challenge_id": challenge, "code": code.expose()});
        self.call(Call::post(&path, body).of_user(token)).await
    }

    /// The user that an access token is about, as the project knows it now.
    pub(crate) async fn user(&self, token: &Secret) -> Result<User, ApiError> {
        self.call(Call::get(&["user"]).of_user(token)).await
    }

    /// The next session of a refresh token, which is spent by it.
    pub(crate) async fn refresh(&self, token: &Secret) -> Result<Session, ApiError> {
        let body = json!({"refresh_token": token.expose()});
        let call = Call::post(&["token"], body).with(&[("grant_type", "refresh_token")]);
        self.call(call).await
    }

    /// Ends this one session; without the scope, all of the user's would end.
    pub(crate) async fn logout(&self, token: &Secret) -> Result<Nothing, ApiError> {
        let call = Call::post(&["logout"], json!({})).with(&[("scope", "local")]);
        self.call(call.of_user(token)).await
    }

    /// The metadata of the project's OAuth server, served only where it is switched on.
    pub(crate) async fn oauth_server(&self) -> Result<Nothing, ApiError> {
        self.call(Call::get(&[".well-known", "oauth-authorization-server"]))
            .await
    }

    async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, ApiError> {
        let what = format!(
            "{} /auth/v1/{}",
            call.method,
            call.path.first().copied().unwrap_or_default()
        );
        let request = self
            .request(call)
            .map_err(|error| ApiError::Misconfigured(format!("{what}: {error}")))?;
        let answer = self
            .outbound
            .send(request)
            .await
            .map_err(|error| ApiError::Unavailable(error.to_string()))?;
        error::read(&what, &answer)
    }

    fn request(&self, call: Call<'_>) -> Result<Request<Bytes>, http::Error> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(self.address(call.path, call.query).as_str())
            .header(ACCEPT, "application/json")
            .header("apikey", self.key.clone())
            .header("x-supabase-api-version", API_VERSION);
        if let Some(token) = call.bearer {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        match call.body {
            None => request.body(Bytes::new()),
            Some(body) => request
                .header(CONTENT_TYPE, "application/json;charset=UTF-8")
                .body(Bytes::from(body.to_string())),
        }
    }
}
