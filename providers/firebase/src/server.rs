//! Signing in by the broker's own forms: a password, and a code from an authenticator app.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_protocol::Secret;
use vestibule_provider::{
    Alternative, Field, FieldKind, Form, LoginContext, LoginStep, ProviderError, Sealed,
};

use crate::api::{Api, ApiError, PendingFactor, SignedIn, Tokens};

const EMAIL: &str = "email";
const PASSWORD: &str = "password";
const CODE: &str = "code";
const START_AGAIN: &str = "start-again";

const WRONG: &str = "The email address or the password is wrong.";
const TOO_MANY: &str = "There were too many tries. Wait a few minutes and try again.";
const RESET: &str =
    "Your password no longer meets the rules. Reset it where you usually sign in, then come back.";
const NO_APP: &str = "Your account's second factor is a text message, which cannot be sent from here. Ask the operator for help.";
const WRONG_CODE: &str = "This code is wrong. Wait for the next one and try again.";
const TOO_LATE: &str = "That took too long. Sign in again.";

/// How many codes may be tried before the password is asked for again.
const CODES: u8 = 5;

/// What is kept between the password and the code.
#[derive(Serialize, Deserialize)]
struct Waiting {
    pending: String,
    /// The app whose code is asked for.
    app: App,
    /// The user's other apps.
    others: Vec<App>,
    wrong: u8,
}

#[derive(Clone, Serialize, Deserialize)]
struct App {
    enrollment: String,
    name: Option<String>,
}

/// What a form led to.
pub(crate) enum Outcome {
    Ask(Box<(Form, Sealed)>),
    Tokens(Tokens),
}

pub(crate) fn begin(login: &LoginContext) -> LoginStep {
    let email = login.login_hint.clone().unwrap_or_default();
    LoginStep::Ask(password_form(email, None), Sealed::default())
}

pub(crate) async fn go_on(
    api: &Api,
    login: &LoginContext,
    fields: BTreeMap<String, Secret>,
) -> Result<Outcome, ProviderError> {
    match login.kept.as_ref().map(Sealed::expose) {
        None | Some([]) => try_password(api, &fields).await,
        Some(kept) => {
            let waiting = serde_json::from_slice(kept)
                .map_err(|error| ProviderError::Rejected(format!("what was kept cannot be read: {error}")))?;
            try_code(api, waiting, &fields).await
        }
    }
}

/// Shows the first form again, with what went wrong.
pub(crate) fn start_again(problem: impl Into<String>) -> Outcome {
    ask_password(String::new(), problem)
}

async fn try_password(api: &Api, fields: &BTreeMap<String, Secret>) -> Result<Outcome, ProviderError> {
    let email = fields
        .get(EMAIL)
        .map(|email| email.expose().trim().to_owned())
        .unwrap_or_default();
    let empty = Secret::new("");
    let password = fields.get(PASSWORD).unwrap_or(&empty);
    match api.sign_in(&email, password).await {
        Ok(SignedIn::Tokens(tokens)) => Ok(Outcome::Tokens(tokens)),
        Ok(SignedIn::SecondFactor(pending)) => Ok(begin_second_factor(email, pending)),
        Err(ApiError::Refused(refusal)) if refusal.is_wrong_credentials() => Ok(ask_password(email, WRONG)),
        Err(ApiError::Refused(refusal)) => match refusal.code() {
            "TOO_MANY_ATTEMPTS_TRY_LATER" => Ok(ask_password(email, TOO_MANY)),
            "PASSWORD_DOES_NOT_MEET_REQUIREMENTS" => Ok(ask_password(email, RESET)),
            _ => Err(ApiError::Refused(refusal).into_provider_error()),
        },
        Err(error) => Err(error.into_provider_error()),
    }
}

fn begin_second_factor(email: String, pending: PendingFactor) -> Outcome {
    let mut apps = pending
        .mfa_info
        .into_iter()
        .filter(|factor| factor.totp_info.is_some())
        .map(|factor| App {
            enrollment: factor.mfa_enrollment_id,
            name: factor.display_name,
        });
    let Some(app) = apps.next() else {
        return ask_password(email, NO_APP);
    };
    ask_code(
        &Waiting {
            pending: pending.mfa_pending_credential.expose().to_owned(),
            app,
            others: apps.collect(),
            wrong: 0,
        },
        None,
    )
}

async fn try_code(
    api: &Api,
    mut waiting: Waiting,
    fields: &BTreeMap<String, Secret>,
) -> Result<Outcome, ProviderError> {
    if let Some(alternative) = fields.get(Alternative::FIELD) {
        return Ok(take_alternative(waiting, alternative.expose()));
    }
    let code = fields.get(CODE).map(Secret::expose).unwrap_or_default();
    let code = Secret::new(code.split_whitespace().collect::<String>());
    let pending = Secret::new(waiting.pending.as_str());
    match api
        .finish_with_code(&pending, &waiting.app.enrollment, &code)
        .await
    {
        Ok(tokens) => Ok(Outcome::Tokens(tokens)),
        Err(ApiError::Refused(refusal)) => match refusal.code() {
            "INVALID_CODE" | "INVALID_VERIFICATION_CODE" | "MISSING_CODE" => {
                waiting.wrong = waiting.wrong.saturating_add(1);
                if waiting.wrong >= CODES {
                    return Ok(start_again(TOO_MANY));
                }
                Ok(ask_code(&waiting, Some(WRONG_CODE)))
            }
            "TOO_MANY_ATTEMPTS_TRY_LATER" | "TOTP_CHALLENGE_TIMEOUT" => Ok(start_again(TOO_MANY)),
            "INVALID_MFA_PENDING_CREDENTIAL"
            | "SESSION_EXPIRED"
            | "CODE_EXPIRED"
            | "MFA_ENROLLMENT_NOT_FOUND" => Ok(start_again(TOO_LATE)),
            _ if refusal.is_wrong_credentials() => Ok(start_again(WRONG)),
            _ => Err(ApiError::Refused(refusal).into_provider_error()),
        },
        Err(error) => Err(error.into_provider_error()),
    }
}

fn take_alternative(mut waiting: Waiting, wanted: &str) -> Outcome {
    let Some(other) = waiting.others.iter_mut().find(|app| app.enrollment == wanted) else {
        return Outcome::Ask(Box::new((password_form(String::new(), None), Sealed::default())));
    };
    std::mem::swap(&mut waiting.app, other);
    ask_code(&waiting, None)
}

fn ask_password(email: String, problem: impl Into<String>) -> Outcome {
    Outcome::Ask(Box::new((
        password_form(email, Some(problem.into())),
        Sealed::default(),
    )))
}

fn ask_code(waiting: &Waiting, problem: Option<&str>) -> Outcome {
    let kept = serde_json::to_vec(waiting).map(Sealed::new).unwrap_or_default();
    Outcome::Ask(Box::new((code_form(waiting, problem), kept)))
}

fn password_form(email: String, problem: Option<String>) -> Form {
    Form {
        intro: None,
        account: None,
        fields: vec![
            field(EMAIL, "Email address", FieldKind::Email, email),
            field(PASSWORD, "Password", FieldKind::Password, String::new()),
        ],
        submit: "Sign in".to_owned(),
        alternatives: Vec::new(),
        problem,
    }
}

fn code_form(waiting: &Waiting, problem: Option<&str>) -> Form {
    let named = |app: &App| {
        let name = app.name.as_deref().filter(|name| !name.is_empty());
        name.map_or_else(|| "your authenticator app".to_owned(), str::to_owned)
    };
    let mut alternatives: Vec<Alternative> = waiting
        .others
        .iter()
        .map(|app| Alternative {
            value: app.enrollment.clone(),
            label: format!("Use {}", named(app)),
        })
        .collect();
    alternatives.push(Alternative {
        value: START_AGAIN.to_owned(),
        label: "Start again".to_owned(),
    });
    Form {
        intro: Some(format!("Enter the code that {} shows.", named(&waiting.app))),
        account: None,
        fields: vec![field(CODE, "Code", FieldKind::OneTimeCode, String::new())],
        submit: "Continue".to_owned(),
        alternatives,
        problem: problem.map(str::to_owned),
    }
}

fn field(name: &str, label: &str, kind: FieldKind, value: String) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        value,
    }
}
