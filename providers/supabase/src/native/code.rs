//! A one-time code by email.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Form, LoginContext, LoginStep, ProviderError};

use super::NativeProvider;
use super::form::{Answers, START, alternative, code_field, email_field};
use super::kept::{Kept, Sent, Tries};
use crate::Method;
use crate::api::ApiError;

/// The alternative that sends another code.
const AGAIN: &str = "again";

impl NativeProvider {
    /// Sends a code, and says so whether or not there is such a user: who has an account here is nobody else's business.
    pub(super) async fn send_code(&self, email: String) -> Result<LoginStep, ProviderError> {
        match self.api.send_code(&email).await {
            Ok(_) => ask_code(email, Tries::all(), None),
            // Supabase's answer for an address that it does not know, when it must not create a user.
            Err(ApiError::Refused(refusal)) if refusal.code == "otp_disabled" => {
                tracing::info!(provider = %self.id, "{refusal}");
                ask_code(email, Tries::all(), None)
            }
            Err(ApiError::Refused(refusal)) => match self.tell(&refusal) {
                Some(problem) => ask_address(email, Some(problem)),
                None => Err(ApiError::Refused(refusal).into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn answer_address(
        &self,
        login: &LoginContext,
        fields: BTreeMap<String, Secret>,
    ) -> Result<LoginStep, ProviderError> {
        let answers = Answers::from(fields);
        if answers.alternative() == Some(START) {
            return self.open(login, &self.methods(login).await?);
        }
        let email = answers.text("email");
        if email.is_empty() {
            return ask_address(email, Some("Enter your email address."));
        }
        self.send_code(email).await
    }

    pub(super) async fn answer_code(
        &self,
        login: &LoginContext,
        sent: Sent,
        fields: BTreeMap<String, Secret>,
    ) -> Result<LoginStep, ProviderError> {
        let answers = Answers::from(fields);
        match answers.alternative() {
            Some(START) => return self.open(login, &self.methods(login).await?),
            Some(_) => return self.send_code(sent.email).await,
            None => {}
        }
        let code = answers.code();
        if code.is_empty() {
            return ask_code(sent.email, sent.tries, Some("Enter the code."));
        }
        match self.api.verify_code(&sent.email, &code).await {
            Ok(session) => self.arrive(login, session, sent.email).await,
            Err(ApiError::Refused(refusal)) => match (self.tell(&refusal), sent.tries.less_one()) {
                (Some(problem), Some(left)) => ask_code(sent.email, left, Some(problem)),
                (Some(_), None) => {
                    let problem = "There were too many wrong codes. Ask for another.";
                    self.start_over(login, sent.email, problem).await
                }
                (None, _) => Err(ApiError::Refused(refusal).into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// The form for the address that a code goes to.
pub(super) fn ask_address(email: String, problem: Option<&str>) -> Result<LoginStep, ProviderError> {
    let form = Form {
        intro: Some("A code will be sent to your email address.".to_owned()),
        account: None,
        fields: vec![email_field(email)],
        submit: Method::Code.label(),
        alternatives: vec![alternative(START, "Sign in another way")],
        problem: problem.map(str::to_owned),
    };
    Ok(LoginStep::Ask(form, Kept::Address.seal()?))
}

fn ask_code(email: String, tries: Tries, problem: Option<&str>) -> Result<LoginStep, ProviderError> {
    let form = Form {
        intro: Some(format!("If {email} has an account, a code is on its way there.")),
        account: None,
        fields: vec![code_field()],
        submit: "Sign in".to_owned(),
        alternatives: vec![
            alternative(AGAIN, "Send another code"),
            alternative(START, "Sign in another way"),
        ],
        problem: problem.map(str::to_owned),
    };
    let kept = Kept::Code(Sent { email, tries });
    Ok(LoginStep::Ask(form, kept.seal()?))
}
