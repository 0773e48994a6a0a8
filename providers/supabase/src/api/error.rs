//! How a call fails, and what of it users are told.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use vestibule_provider::ProviderError;

/// Why a call brought nothing. The texts are for the operator's log.
#[derive(Debug, Clone, Error)]
pub(crate) enum ApiError {
    /// The project said no, and why.
    #[error(transparent)]
    Refused(Refusal),
    /// Nobody answered, or somebody who is failing.
    #[error("{0}")]
    Unavailable(String),
    /// The answer is not one of Supabase Auth.
    #[error("{0}")]
    Strange(String),
    /// The operator has to change something.
    #[error("{0}")]
    Misconfigured(String),
}

/// What the project said instead of yes.
#[derive(Debug, Clone, Error)]
#[error("{what} was refused with {code} ({status}): {message}")]
pub(crate) struct Refusal {
    what: String,
    status: u16,
    /// Supabase's own name for the reason; empty where there is none.
    pub(crate) code: String,
    message: String,
}

/// The error body since 2024-01-01, the one before, and the gateway's.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    code: serde_json::Value,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    msg: Option<String>,
}

/// Reads the answer to a call.
pub(super) fn read<T: DeserializeOwned>(what: &str, answer: &Response<Bytes>) -> Result<T, ApiError> {
    let status = answer.status();
    if status == StatusCode::NO_CONTENT {
        return serde_json::from_str("null").map_err(|_| strange(what, status));
    }
    if status.is_success() {
        return serde_json::from_slice(answer.body()).map_err(|_| strange(what, status));
    }
    if status.is_redirection() {
        let text =
            format!("{what} was answered with a redirect, which is not followed; is url the project's own?");
        return Err(ApiError::Misconfigured(text));
    }
    if status.is_server_error() {
        return Err(ApiError::Unavailable(format!(
            "{what} was answered with {status}"
        )));
    }
    Err(refusal(what, status, answer.body()))
}

fn refusal(what: &str, status: StatusCode, body: &[u8]) -> ApiError {
    let body: Body = serde_json::from_slice(body).unwrap_or_default();
    let code = body
        .code
        .as_str()
        .map(str::to_owned)
        .or(body.error_code)
        .unwrap_or_default();
    let message = printable(&body.message.or(body.msg).unwrap_or_default());
    match (code.is_empty(), status) {
        // The gateway before the project says no without a code.
        (true, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => ApiError::Misconfigured(format!(
            "the project does not accept the publishable key ({status} {message}); copy it again from Project Settings > API Keys"
        )),
        (true, StatusCode::NOT_FOUND) => ApiError::Misconfigured(format!(
            "there is no Supabase Auth at this url ({what}: {status}); copy the Project URL again from Project Settings > Data API"
        )),
        (true, StatusCode::TOO_MANY_REQUESTS) => {
            ApiError::Unavailable(format!("{what} was answered with {status}"))
        }
        _ => ApiError::Refused(Refusal {
            what: what.to_owned(),
            status: status.as_u16(),
            code: printable(&code),
            message,
        }),
    }
}

fn strange(what: &str, status: StatusCode) -> ApiError {
    ApiError::Strange(format!(
        "{what} was answered with {status} and something that Supabase Auth does not say; is url the project's own?"
    ))
}

/// What may stand in a line of the log: a stranger wrote it.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect()
}

impl Refusal {
    /// What the user is told and can do something about. An unknown user and a wrong password are told the same.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "invalid_credentials" | "user_not_found" => "The email address or the password is wrong.",
            "email_not_confirmed" => {
                "This email address is not confirmed yet. Open the link in the email that you were sent, then try again."
            }
            "user_banned" => "This account is locked.",
            "otp_expired" | "mfa_verification_failed" => "The code is wrong or too old.",
            "mfa_challenge_expired" => "That took too long. Enter a new code.",
            "over_request_rate_limit" => "There were too many tries. Wait a minute, then try again.",
            "over_email_send_rate_limit" => {
                "An email was sent just now. Wait a minute before you ask for another."
            }
            "over_sms_send_rate_limit" => {
                "A message was sent just now. Wait a minute before you ask for another."
            }
            "validation_failed" | "email_address_invalid" => "That is not an email address.",
            _ => return None,
        })
    }

    /// Whether it says that the user or the session is no more.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self.code.as_str(),
            "user_banned"
                | "user_not_found"
                | "session_expired"
                | "session_not_found"
                | "refresh_token_not_found"
                | "refresh_token_already_used"
        )
    }
}

impl From<ApiError> for ProviderError {
    fn from(error: ApiError) -> Self {
        let text = error.to_string();
        match error {
            ApiError::Refused(refusal) => match refusal.code.as_str() {
                "captcha_failed" => Self::Misconfigured(format!(
                    "{text}; captcha protection needs the project's own pages: turn it off under Authentication > Attack \
                     Protection, or leave \"password\" and \"code\" out of providers"
                )),
                "email_provider_disabled" | "otp_disabled" | "provider_disabled" => {
                    Self::Misconfigured(format!(
                        "{text}; enable it under Authentication > Sign In / Providers, or leave it out of providers"
                    ))
                }
                "mfa_totp_verify_not_enabled" | "mfa_phone_verify_not_enabled" => {
                    Self::Misconfigured(format!("{text}; enable it under Authentication > Multi-Factor"))
                }
                "mfa_ip_address_mismatch" => Self::Misconfigured(format!(
                    "{text}; the broker's calls reach the project from more than one address"
                )),
                "user_banned" | "signup_disabled" | "user_not_found" => Self::Denied(text),
                "over_request_rate_limit"
                | "over_email_send_rate_limit"
                | "over_sms_send_rate_limit"
                | "hook_timeout"
                | "hook_timeout_after_retry"
                | "request_timeout" => Self::Unavailable(text),
                _ => Self::Rejected(text),
            },
            ApiError::Unavailable(_) => Self::Unavailable(text),
            ApiError::Strange(_) => Self::Rejected(text),
            ApiError::Misconfigured(_) => Self::Misconfigured(text),
        }
    }
}
