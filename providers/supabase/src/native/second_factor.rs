//! A second factor: an authenticator app's code, or one sent to a telephone.

use std::collections::BTreeMap;

use vestibule_protocol::Secret;
use vestibule_provider::{Form, LoginContext, LoginStep, ProviderError};

use super::NativeProvider;
use super::form::{Answers, START, alternative, code_field};
use super::kept::{Asked, Kept};
use crate::api::{ApiError, Factor, Session};

/// A factor whose code is sent.
const PHONE: &str = "phone";

/// Those of a user's factors that a form can ask for, an authenticator app first: it costs no message.
pub(super) fn askable(factors: &[Factor]) -> Vec<&Factor> {
    let of = |kind: &'static str| {
        let verified = factors.iter().filter(|factor| factor.status == "verified");
        verified.filter(move |factor| factor.kind == kind)
    };
    of("totp").chain(of(PHONE)).collect()
}

impl NativeProvider {
    /// Asks for a factor, on top of the session that there is.
    pub(super) async fn ask_factor(
        &self,
        subject: String,
        session: &Session,
        factor: &Factor,
    ) -> Result<LoginStep, ProviderError> {
        let challenge = self.api.challenge(&session.access_token, &factor.id).await?;
        let intro = if factor.kind == PHONE {
            "A code is on its way to your telephone.".to_owned()
        } else {
            let named = factor.friendly_name.as_deref().filter(|name| !name.is_empty());
            let app = named.map_or_else(String::new, |name| format!(" ({name})"));
            format!("Enter the code that your authenticator app{app} shows.")
        };
        ask(
            Asked::new(subject, factor.id.clone(), challenge.id, session),
            Some(intro),
            None,
        )
    }

    pub(super) async fn answer_factor(
        &self,
        login: &LoginContext,
        asked: Asked,
        fields: BTreeMap<String, Secret>,
    ) -> Result<LoginStep, ProviderError> {
        let answers = Answers::from(fields);
        let token = asked.access_token();
        if answers.alternative().is_some() {
            self.forget(&token).await;
            return self.open(login, &self.methods(login).await?);
        }
        let code = answers.code();
        if code.is_empty() {
            return ask(asked, None, Some("Enter the code."));
        }
        match self
            .api
            .verify_factor(&token, &asked.factor, &asked.challenge, &code)
            .await
        {
            Ok(session) => self.arrive_lifted(login, session, &asked.subject).await,
            Err(ApiError::Refused(refusal)) => match self.tell(&refusal) {
                None => Err(ApiError::Refused(refusal).into()),
                Some(problem) => self.ask_factor_again(login, asked, problem).await,
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Asks once more with a challenge of its own, as long as there are tries left.
    async fn ask_factor_again(
        &self,
        login: &LoginContext,
        mut asked: Asked,
        problem: &'static str,
    ) -> Result<LoginStep, ProviderError> {
        let Some(left) = asked.tries.less_one() else {
            self.forget(&asked.access_token()).await;
            return self
                .start_over(
                    login,
                    String::new(),
                    "There were too many wrong codes. Sign in again.",
                )
                .await;
        };
        asked.tries = left;
        asked.challenge = self.api.challenge(&asked.access_token(), &asked.factor).await?.id;
        ask(asked, None, Some(problem))
    }
}

fn ask(asked: Asked, intro: Option<String>, problem: Option<&str>) -> Result<LoginStep, ProviderError> {
    let form = Form {
        intro,
        // Whichever way the user came here.
        account: Some(asked.subject.clone()),
        fields: vec![code_field()],
        submit: "Continue".to_owned(),
        alternatives: vec![alternative(START, "Start again")],
        problem: problem.map(str::to_owned),
    };
    Ok(LoginStep::Ask(form, Kept::SecondFactor(asked).seal()?))
}
