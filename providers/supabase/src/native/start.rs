//! The first form: whatever ways to sign in the project offers.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Form, LoginContext, LoginStep, ProviderError};

use super::NativeProvider;
use super::form::{Answers, alternative, email_field, password_field};
use super::kept::Kept;
use super::password::ask_password;
use crate::Method;

impl NativeProvider {
    /// The ways to sign in, in the order of the page; never none.
    pub(super) async fn methods(&self, login: &LoginContext) -> Result<Vec<Method>, ProviderError> {
        let project = self.project().await?;
        let mut methods = Method::offered(&project, self.settings.methods.as_deref());
        if methods.is_empty() {
            return Err(ProviderError::Misconfigured(
                "the project offers no way to sign in that providers allows; enable one under Authentication > Sign In / \
                 Providers"
                    .to_owned(),
            ));
        }
        if login.force_login {
            methods.retain(Method::asks_again);
            if methods.is_empty() {
                return Err(ProviderError::Rejected(
                    "the user has to log in again, and none of the social providers can be made to ask them"
                        .to_owned(),
                ));
            }
        }
        Ok(methods)
    }

    /// Opens the first form; the one social provider, where there is nothing else.
    pub(super) fn open(&self, login: &LoginContext, methods: &[Method]) -> Result<LoginStep, ProviderError> {
        if let [Method::Social(only)] = methods {
            return self.send_away(login, only);
        }
        ask(methods, login.login_hint.clone().unwrap_or_default(), None)
    }

    /// Opens the first form again, with what went wrong.
    pub(super) async fn start_over(
        &self,
        login: &LoginContext,
        email: String,
        problem: &str,
    ) -> Result<LoginStep, ProviderError> {
        ask(&self.methods(login).await?, email, Some(problem.to_owned()))
    }

    pub(super) async fn answer_start(
        &self,
        login: &LoginContext,
        fields: BTreeMap<String, Secret>,
    ) -> Result<LoginStep, ProviderError> {
        let methods = self.methods(login).await?;
        let answers = Answers::from(fields);
        let method = match answers.alternative() {
            None => methods.first(),
            Some(value) => methods.iter().find(|method| method.to_string() == value),
        };
        match method {
            // A button brings no password along.
            Some(Method::Password) if answers.alternative().is_some() => {
                ask_password(answers.text("email"), None)
            }
            Some(Method::Password) => {
                let email = answers.text("email");
                match self.sign_in(&email, &answers).await? {
                    Ok(session) => self.arrive(login, session, email).await,
                    Err(problem) => self.start_over(login, email, problem).await,
                }
            }
            Some(Method::Code) => {
                let email = answers.text("email");
                if email.is_empty() {
                    super::code::ask_address(String::new(), None)
                } else {
                    self.send_code(email).await
                }
            }
            Some(Method::Social(name)) => self.send_away(login, name),
            None => Err(ProviderError::Rejected(
                "the form names a way to sign in that it did not offer".to_owned(),
            )),
        }
    }
}

/// The form: what its fields are for, and the other ways as alternatives.
fn ask(methods: &[Method], email: String, problem: Option<String>) -> Result<LoginStep, ProviderError> {
    let (typed, others) = match methods.split_first() {
        Some((first @ (Method::Password | Method::Code), others)) => (Some(first), others),
        Some((Method::Social(_), _)) | None => (None, methods),
    };
    let fields = match typed {
        Some(Method::Password) => vec![email_field(email), password_field()],
        Some(_) => vec![email_field(email)],
        None => Vec::new(),
    };
    let form = Form {
        intro: None,
        account: None,
        fields,
        submit: typed.map(Method::label).unwrap_or_default(),
        alternatives: others
            .iter()
            .map(|method| alternative(method.to_string(), method.button()))
            .collect(),
        problem,
    };
    Ok(LoginStep::Ask(form, Kept::Start.seal()?))
}
