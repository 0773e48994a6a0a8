//! The project's own record of a user, which only its administrators may read.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use url::Url;
use vestibule_outbound::Outbound;
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::ProviderError;

use super::{ApiError, judge};
use crate::foreign_text::foreign_text;
use crate::{Authority, FirebaseSettings, ServiceAccount};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long before its end an access token is replaced, and the longest that one is used.
const EARLY: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The administrative API of one project.
#[derive(Debug)]
pub(crate) struct Admin {
    outbound: Outbound,
    authority: Authority,
    lookup: String,
    token_endpoint: String,
    project: String,
    held: Mutex<Option<Held>>,
}

/// An access token, and until when it is used.
#[derive(Debug, Clone)]
struct Held {
    token: Secret,
    until: Timestamp,
}

/// What the project knows of a user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    local_id: String,
    #[serde(default)]
    pub(crate) disabled: bool,
    /// Sign-ins before this moment no longer count.
    #[serde(default, deserialize_with = "seconds")]
    pub(crate) valid_since: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    users: Vec<Account>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    expires_in: u64,
}

#[derive(Deserialize)]
struct NotGranted {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Why the record cannot be read.
#[derive(Debug)]
pub(crate) enum AdminError {
    /// The operator has to change something.
    Refused { cause: String, remedy: String },
    /// A later try may succeed.
    Unavailable(String),
}

impl Admin {
    /// The API of the project, for whoever is to ask.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the project or the tenant fit no address.
    pub(crate) fn new(
        settings: &FirebaseSettings,
        authority: Authority,
        outbound: Outbound,
    ) -> Result<Self, ProviderError> {
        let endpoints = settings.backend.endpoints();
        let project = settings.project.as_str();
        let misfit = || ProviderError::Misconfigured("project_id and tenant_id make no address".to_owned());
        let mut lookup = Url::parse(&endpoints.identity_toolkit).map_err(|_| misfit())?;
        lookup
            .path_segments_mut()
            .map_err(|()| misfit())?
            .pop_if_empty()
            .extend(["v1", "projects", project])
            .extend(settings.tenant.iter().flat_map(|tenant| ["tenants", tenant]))
            .push("accounts:lookup");
        Ok(Self {
            outbound,
            authority,
            lookup: lookup.into(),
            token_endpoint: endpoints.token,
            project: project.to_owned(),
            held: Mutex::default(),
        })
    }

    /// Whoever asks.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The record of a user; none if the project has no such user.
    pub(crate) async fn account(&self, user: &str, now: Timestamp) -> Result<Option<Account>, AdminError> {
        let token = self.token(now).await?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| AdminError::unavailable("Google's access token does not fit a header"))?;
        bearer.set_sensitive(true);
        let request = Request::post(&self.lookup)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, bearer)
            .body(Bytes::from(json!({"localId": [user]}).to_string()))
            .map_err(|error| AdminError::unavailable(error.to_string()))?;
        let answer = self.send(request).await?;
        self.check_allowed(&answer)?;
        let Found { users } = serde_json::from_slice(answer.body())
            .map_err(|_| AdminError::unavailable("Firebase's answer about a user cannot be read"))?;
        match users.into_iter().next() {
            Some(account) if account.local_id != user => {
                Err(AdminError::unavailable("Firebase answered about another user"))
            }
            found => Ok(found),
        }
    }

    fn check_allowed(&self, answer: &Response<Bytes>) -> Result<(), AdminError> {
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED {
            // It was taken back before its time; the next to ask gets another one.
            *self.held() = None;
            return Err(AdminError::unavailable(
                "Firebase no longer takes Google's access token",
            ));
        }
        match judge(answer) {
            Ok(()) => Ok(()),
            Err(ApiError::Unavailable(cause)) => Err(AdminError::Unavailable(cause)),
            Err(ApiError::Refused(refusal)) => match refusal.remedy() {
                Some(remedy) => Err(AdminError::refused(&refusal, remedy)),
                None if status == StatusCode::FORBIDDEN => Err(AdminError::refused(&refusal, self.role())),
                None => Err(AdminError::unavailable(refusal.to_string())),
            },
        }
    }

    fn role(&self) -> String {
        let who = match &self.authority {
            Authority::ServiceAccount(account) => account.email(),
            Authority::EmulatorOwner => "the emulator's owner",
        };
        format!(
            "give {who} the role Firebase Authentication Viewer in the project {}",
            self.project
        )
    }

    /// An access token: the one at hand, or another when that is about to end.
    async fn token(&self, now: Timestamp) -> Result<Secret, AdminError> {
        let account = match &self.authority {
            Authority::EmulatorOwner => return Ok(Secret::new("owner")),
            Authority::ServiceAccount(account) => account,
        };
        let held = self.held().clone();
        if let Some(held) = held.filter(|held| now < held.until) {
            return Ok(held.token);
        }
        let granted = self.ask_for_token(account, now).await?;
        let lasts = Duration::from_secs(granted.expires_in).min(LONGEST);
        let token = granted.access_token;
        *self.held() = Some(Held {
            token: token.clone(),
            until: now + lasts.saturating_sub(EARLY),
        });
        Ok(token)
    }

    async fn ask_for_token(&self, account: &ServiceAccount, now: Timestamp) -> Result<Granted, AdminError> {
        let assertion = account
            .assertion(&self.token_endpoint, now)
            .ok_or_else(|| AdminError::unavailable("the service account's key cannot sign"))?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT_TYPE)
            .append_pair("assertion", assertion.expose())
            .finish();
        let request = Request::post(&self.token_endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .map_err(|error| AdminError::unavailable(error.to_string()))?;
        let answer = self.send(request).await?;
        let status = answer.status();
        if status == StatusCode::OK {
            return serde_json::from_slice(answer.body())
                .map_err(|_| AdminError::unavailable("Google's token endpoint answered with no token"));
        }
        let refusal = serde_json::from_slice::<NotGranted>(answer.body()).ok();
        match refusal.filter(|_| matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)) {
            Some(NotGranted {
                error,
                error_description,
            }) => Err(AdminError::refused(
                &foreign_text(&format!("{error} {error_description}")),
                format!(
                    "see that {} and this key of it exist and are enabled, and that this machine's clock is right",
                    account.email()
                ),
            )),
            None => Err(AdminError::unavailable(format!(
                "Google's token endpoint answered {status}"
            ))),
        }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, AdminError> {
        let answer = self.outbound.send(request).await;
        answer.map_err(|error| AdminError::unavailable(error.to_string()))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AdminError {
    fn unavailable(cause: impl Into<String>) -> Self {
        Self::Unavailable(cause.into())
    }

    fn refused(refusal: &impl std::fmt::Display, remedy: impl Into<String>) -> Self {
        Self::Refused {
            cause: format!("Google says {refusal}"),
            remedy: remedy.into(),
        }
    }

    /// What it means for a login.
    pub(crate) fn into_provider_error(self) -> ProviderError {
        match self {
            Self::Refused { cause, remedy } => {
                ProviderError::Misconfigured(format!("the service account: {cause}: {remedy}"))
            }
            Self::Unavailable(cause) => ProviderError::Unavailable(cause),
        }
    }
}

/// Seconds, which Google writes as a text.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let seconds = match Option::<Value>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    seconds
        .map(|seconds| Some(Timestamp::from_secs(seconds)))
        .ok_or_else(|| serde::de::Error::custom("no number of seconds"))
}
