//! An email address and a password.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Form, LoginContext, LoginStep, ProviderError};

use super::NativeProvider;
use super::form::{Answers, START, alternative, email_field, password_field};
use super::kept::Kept;
use crate::Method;
use crate::api::{ApiError, Session};

impl NativeProvider {
    /// Takes the form that asks for a password alone.
    pub(super) async fn answer_password(
        &self,
        login: &LoginContext,
        fields: BTreeMap<String, Secret>,
    ) -> Result<LoginStep, ProviderError> {
        let answers = Answers::from(fields);
        if answers.alternative().is_some() {
            return self.open(login, &self.methods(login).await?);
        }
        let email = answers.text("email");
        match self.sign_in(&email, &answers).await? {
            Ok(session) => self.arrive(login, session, email).await,
            Err(problem) => ask_password(email, Some(problem)),
        }
    }

    /// Signs in: a session, or what the user is told and can do something about.
    pub(super) async fn sign_in(
        &self,
        email: &str,
        answers: &Answers,
    ) -> Result<Result<Session, &'static str>, ProviderError> {
        match self.api.password(email, &answers.secret("password")).await {
            Ok(session) => Ok(Ok(session)),
            Err(ApiError::Refused(refusal)) => match self.tell(&refusal) {
                Some(problem) => Ok(Err(problem)),
                None => Err(ApiError::Refused(refusal).into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// The form that asks for a password alone.
pub(super) fn ask_password(email: String, problem: Option<&str>) -> Result<LoginStep, ProviderError> {
    let form = Form {
        intro: None,
        account: None,
        fields: vec![email_field(email), password_field()],
        submit: Method::Password.label(),
        alternatives: vec![alternative(START, "Sign in another way")],
        problem: problem.map(str::to_owned),
    };
    Ok(LoginStep::Ask(form, Kept::Password.seal()?))
}
