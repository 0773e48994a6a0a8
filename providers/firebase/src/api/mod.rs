//! Firebase's REST API, as far as a login needs it.

mod admin;
mod refusal;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, REFERER};
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vestibule_outbound::Outbound;
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;

pub(crate) use admin::{Admin, AdminError};
pub(crate) use refusal::Refusal;

use crate::{Endpoints, FirebaseSettings};

/// The API of one project.
#[derive(Debug)]
pub(crate) struct Api {
    outbound: Outbound,
    endpoints: Endpoints,
    key: String,
    tenant: Option<String>,
    referer: String,
}

/// What Firebase answered where it did not do as asked.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// It said no, and why.
    Refused(Refusal),
    /// It cannot be reached, is failing, or is asked too often.
    Unavailable(String),
}

/// What comes of a right password.
pub(crate) enum SignedIn {
    /// The tokens.
    Tokens(Tokens),
    /// A second factor is needed.
    SecondFactor(PendingFactor),
}

/// The tokens of a login.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    pub(crate) id_token: Secret,
    pub(crate) refresh_token: Secret,
}

/// The tokens of a refresh.
#[derive(Debug, Deserialize)]
pub(crate) struct Refreshed {
    pub(crate) id_token: Secret,
    pub(crate) refresh_token: Secret,
}

/// A login whose password was right and that waits for its second factor.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PendingFactor {
    pub(crate) mfa_pending_credential: Secret,
    #[serde(default)]
    pub(crate) mfa_info: Vec<Factor>,
}

/// A second factor that the user has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Factor {
    pub(crate) mfa_enrollment_id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) totp_info: Option<Value>,
}

/// What anybody may know of a project.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    #[serde(default)]
    pub(crate) authorized_domains: Vec<String>,
}

impl Api {
    pub(crate) fn new(settings: &FirebaseSettings, outbound: Outbound) -> Self {
        Self {
            outbound,
            endpoints: settings.backend.endpoints(),
            key: settings.api_key.clone(),
            tenant: settings.tenant.clone(),
            referer: format!("{}/", settings.broker),
        }
    }

    /// Signs in with a password.
    pub(crate) async fn sign_in(&self, email: &str, password: &Secret) -> Result<SignedIn, ApiError> {
        let answer: Value = self
            .post(
                "v1/accounts:signInWithPassword",
                json!({"email": email, "password": password.expose(), "returnSecureToken": true}),
            )
            .await?;
        if answer.get("mfaPendingCredential").is_some() {
            read(answer).map(SignedIn::SecondFactor)
        } else {
            read(answer).map(SignedIn::Tokens)
        }
    }

    /// Ends a login with the code of an authenticator app.
    pub(crate) async fn finish_with_code(
        &self,
        pending: &Secret,
        enrollment: &str,
        code: &Secret,
    ) -> Result<Tokens, ApiError> {
        let body = json!({
            "mfaPendingCredential": pending.expose(),
            "mfaEnrollmentId": enrollment,
            "totpVerificationInfo": {"verificationCode": code.expose()},
        });
        self.post("v2/accounts/mfaSignIn:finalize", body).await
    }

    /// Exchanges a refresh token, which Firebase does only for a user who still stands.
    pub(crate) async fn refresh(&self, refresh_token: &Secret) -> Result<Refreshed, ApiError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", refresh_token.expose())
            .finish();
        let url = format!("{}/v1/token", self.endpoints.secure_token);
        let request = Request::builder()
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, &url, form).await
    }

    /// Looks the project up, which only a right API key can.
    pub(crate) async fn project(&self) -> Result<Project, ApiError> {
        let url = format!("{}/v1/projects", self.endpoints.identity_toolkit);
        self.send(Request::builder(), &url, String::new()).await
    }

    async fn post<T: DeserializeOwned>(&self, method: &str, mut body: Value) -> Result<T, ApiError> {
        if let (Some(tenant), Some(members)) = (&self.tenant, body.as_object_mut()) {
            members.insert("tenantId".to_owned(), Value::from(tenant.as_str()));
        }
        let url = format!("{}/{method}", self.endpoints.identity_toolkit);
        let request = Request::builder()
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/json");
        self.send(request, &url, body.to_string()).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: http::request::Builder,
        url: &str,
        body: String,
    ) -> Result<T, ApiError> {
        let key: String = form_urlencoded::byte_serialize(self.key.as_bytes()).collect();
        let request = request
            .uri(format!("{url}?key={key}"))
            // A key that is restricted to the broker's site works for the broker too.
            .header(REFERER, &self.referer)
            .body(Bytes::from(body))
            .map_err(|error| ApiError::Unavailable(error.to_string()))?;
        let answer = self
            .outbound
            .send(request)
            .await
            .map_err(|error| ApiError::Unavailable(error.to_string()))?;
        judge(&answer)?;
        serde_json::from_slice(answer.body())
            .map_err(|error| ApiError::Unavailable(format!("Firebase's answer cannot be read: {error}")))
    }
}

fn judge(answer: &Response<Bytes>) -> Result<(), ApiError> {
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(ApiError::Unavailable(format!("Firebase answered {status}")));
    }
    Err(Refusal::read(answer.body()).map_or_else(
        || ApiError::Unavailable(format!("Firebase answered {status} without saying why")),
        ApiError::Refused,
    ))
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T, ApiError> {
    serde_json::from_value(answer)
        .map_err(|error| ApiError::Unavailable(format!("Firebase's answer cannot be read: {error}")))
}

impl ApiError {
    /// What it means for a login, where the refusal is not the user's to mend.
    pub(crate) fn into_provider_error(self) -> ProviderError {
        match self {
            Self::Unavailable(text) => ProviderError::Unavailable(text),
            Self::Refused(refusal) => match refusal.remedy() {
                Some(remedy) => ProviderError::Misconfigured(format!("{refusal}: {remedy}")),
                None => ProviderError::Rejected(refusal.to_string()),
            },
        }
    }
}
