//! Logging in: a provider is chosen, and is told what the user answers.

use std::collections::BTreeMap;

use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::Reply;
use vestibule_telemetry::{AuditEvent, LoginFailure};

use super::leg::Begun;
use super::{Walk, WalkError, reply};
use crate::record::{Pending, Stage, UpstreamLeg};
use crate::{Broker, Browser, Next, Turn};

impl Broker {
    /// Goes on with the provider that the user picked.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn choose_provider(
        &self,
        ticket: &str,
        browser: &Browser,
        provider: &str,
    ) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let choosing = match &walk.authorization.stage {
            Stage::Choosing => true,
            Stage::LoggingIn(leg) => matches!(leg.pending, Pending::Away(_)),
            Stage::Consenting { .. } => false,
        };
        if !choosing {
            return Err(WalkError::Stale);
        }
        let provider = ProviderId::parse(provider)
            .ok()
            .and_then(|id| self.providers.find(&id))
            .ok_or(WalkError::UnknownProvider)?;
        if !self.admits(&walk.authorization.request, provider.id()) {
            return Err(WalkError::ProviderNotAdmitted);
        }
        let begun = self.start_login(&walk, provider.as_ref()).await?;
        self.go_on(&walk, begun, browser).await
    }

    /// Goes back to the choice, where there is one.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn choose_again(&self, ticket: &str, browser: &Browser) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let Stage::LoggingIn(_) = walk.authorization.stage else {
            return Err(WalkError::Stale);
        };
        if self.only_admitted(&walk.authorization.request).is_some() {
            return Err(WalkError::Stale);
        }
        self.advance(&walk, Stage::Choosing).await?;
        Ok(Turn::to(Next::Interact {
            ticket: walk.ticket.clone(),
        }))
    }

    /// Takes the fields of the provider's form.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn submit_login(
        &self,
        ticket: &str,
        browser: &Browser,
        fields: BTreeMap<String, Secret>,
    ) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let Stage::LoggingIn(leg) = &walk.authorization.stage else {
            return Err(WalkError::Stale);
        };
        let answered = reply::read(&leg.pending, fields)?;
        let tried = self.admit_try(&walk, leg, &answered, browser).await?;
        let leg = UpstreamLeg {
            account: tried.account,
            ..UpstreamLeg::clone(leg)
        };
        let begun = self
            .complete_login(&walk, &leg, Reply::Form(answered.fields))
            .await?;
        let mut known = None;
        match &begun {
            Begun::Done { .. } => {
                self.forget_tries(&tried).await?;
                known = self.mark_device(&tried, browser);
            }
            Begun::Pending {
                stage: Stage::LoggingIn(next),
                ..
            } if has_problem(next) => {
                self.count_failed_try(&tried, browser).await?;
                AuditEvent::LoginFailed {
                    provider: &leg.provider,
                    client: walk.client.id(),
                    cause: LoginFailure::WrongCredentials,
                }
                .record();
            }
            Begun::Pending { .. } if tried.asked_for_message() => {
                self.count_failed_try(&tried, browser).await?;
            }
            Begun::Pending { .. } => {}
        }
        let mut turn = self.go_on(&walk, begun, browser).await?;
        turn.cookies.extend(known);
        Ok(turn)
    }

    /// Moves the walk to what a login step led to.
    pub(super) async fn go_on(
        &self,
        walk: &Walk,
        begun: Begun,
        browser: &Browser,
    ) -> Result<Turn, WalkError> {
        match begun {
            Begun::Pending { stage, next } => {
                self.advance(walk, stage).await?;
                Ok(Turn::to(next))
            }
            Begun::Done { login, begun_at } => self.log_in(walk, *login, begun_at, browser).await,
        }
    }
}

fn has_problem(leg: &UpstreamLeg) -> bool {
    match &leg.pending {
        Pending::Form(form) => form.problem.is_some(),
        Pending::Script(script) => script.problem.is_some(),
        Pending::Away(_) => false,
    }
}
