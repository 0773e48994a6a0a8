//! Why Firebase said no.

use std::fmt;

use serde::Deserialize;

use crate::foreign_text::foreign_text;

/// Firebase's reason: a code such as `INVALID_PASSWORD`, at times with a detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: String,
    detail: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    error: WireError,
}

#[derive(Deserialize)]
struct WireError {
    message: String,
}

impl Refusal {
    /// Reads the body of an answer: `{"error": {"message": "CODE : detail"}}`.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let Wire { error } = serde_json::from_slice(body).ok()?;
        let message = foreign_text(&error.message);
        let (code, detail) = match message.split_once(" : ") {
            Some((code, detail)) => (code.to_owned(), Some(detail.to_owned())),
            None => (message, None),
        };
        Some(Self { code, detail })
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Whether the email address or the password is wrong, or the account may not sign in. Which it is, nobody is told:
    /// the answer would say who has an account.
    pub(crate) fn is_wrong_credentials(&self) -> bool {
        matches!(
            self.code.as_str(),
            "EMAIL_NOT_FOUND"
                | "INVALID_EMAIL"
                | "INVALID_LOGIN_CREDENTIALS"
                | "INVALID_PASSWORD"
                | "MISSING_EMAIL"
                | "MISSING_PASSWORD"
                | "USER_DISABLED"
        )
    }

    /// Whether the user is gone, disabled, or was signed out everywhere.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(
            self.code.as_str(),
            "INVALID_REFRESH_TOKEN" | "TOKEN_EXPIRED" | "USER_DISABLED" | "USER_NOT_FOUND"
        )
    }

    /// What the operator has to change, where it is the operator's to mend.
    pub(crate) fn remedy(&self) -> Option<&'static str> {
        let code = self.code.as_str();
        let remedy = match code {
            "OPERATION_NOT_ALLOWED" | "PASSWORD_LOGIN_DISABLED" => {
                "enable Email/Password under Authentication, Sign-in method, in the console"
            }
            "MISSING_RECAPTCHA_TOKEN" | "INVALID_RECAPTCHA_TOKEN" | "CAPTCHA_CHECK_FAILED" => {
                "the project insists on reCAPTCHA, which needs a browser; use mode = \"page\""
            }
            "CONFIGURATION_NOT_FOUND" => "press Get started under Authentication in the console",
            "INVALID_TENANT_ID" | "TENANT_NOT_FOUND" | "TENANT_ID_MISMATCH" => "check tenant_id",
            "UNSUPPORTED_TENANT_OPERATION" => "the project has no tenants; leave tenant_id out",
            "PROJECT_NUMBER_MISMATCH" => "the API key is of another project; check api_key and project_id",
            "PROJECT_DISABLED" => "the project is disabled in the console",
            _ if code.starts_with("API key not valid") || code.starts_with("API_KEY_INVALID") => {
                "copy the Web API Key from Project settings in the console to api_key"
            }
            _ if code.starts_with("API key expired") => "make a new Web API Key and copy it to api_key",
            _ if code.starts_with("Requests from referer") || code.contains("are blocked") => {
                "the API key is restricted; allow the broker's address and the Identity Toolkit and Token Service APIs"
            }
            _ if code.contains("has not been used in project") || code.contains("it is disabled") => {
                "enable the Identity Toolkit API in the console"
            }
            _ => return None,
        };
        Some(remedy)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, "{} ({detail})", self.code),
            None => f.write_str(&self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign_text::LONGEST;

    fn read(message: &str) -> Refusal {
        let body = serde_json::json!({"error": {"code": 400, "message": message}});
        Refusal::read(body.to_string().as_bytes()).expect("a refusal")
    }

    #[test]
    fn the_code_stands_before_the_detail() {
        let refusal = read("TOO_MANY_ATTEMPTS_TRY_LATER : Access was disabled for a while.");
        assert_eq!(refusal.code(), "TOO_MANY_ATTEMPTS_TRY_LATER");
        assert_eq!(
            refusal.to_string(),
            "TOO_MANY_ATTEMPTS_TRY_LATER (Access was disabled for a while.)"
        );
        assert_eq!(read("INVALID_PASSWORD").code(), "INVALID_PASSWORD");
    }

    #[test]
    fn nobody_learns_whether_an_account_exists_or_is_disabled() {
        for code in [
            "EMAIL_NOT_FOUND",
            "INVALID_PASSWORD",
            "INVALID_LOGIN_CREDENTIALS",
            "USER_DISABLED",
        ] {
            assert!(read(code).is_wrong_credentials(), "{code}");
        }
    }

    #[test]
    fn only_what_says_so_is_a_user_who_is_gone() {
        for code in [
            "USER_DISABLED",
            "USER_NOT_FOUND",
            "TOKEN_EXPIRED",
            "INVALID_REFRESH_TOKEN",
        ] {
            assert!(read(code).is_gone(), "{code}");
        }
        for code in [
            "PROJECT_NUMBER_MISMATCH",
            "API key not valid. Please pass a valid API key.",
            "INVALID_GRANT_TYPE",
            "QUOTA_EXCEEDED",
        ] {
            assert!(!read(code).is_gone(), "{code}");
        }
    }

    #[test]
    fn what_is_no_refusal_is_not_read_as_one() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"error":"invalid_grant"}"#,
            r#"{"error":{}}"#,
        ] {
            assert_eq!(Refusal::read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_reason_is_cut_off_and_holds_no_line_breaks() {
        let refusal = read(&format!("A\n{}", "b".repeat(1000)));
        assert_eq!(refusal.code().len(), LONGEST);
        assert!(!refusal.code().contains('\n'));
    }
}
