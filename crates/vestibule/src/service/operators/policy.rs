//! `vestibule policy explain`, over the socket.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use vestibule_broker::settings::{Giver, Missed, Source};
use vestibule_broker::{Barred, Broker, PolicyAnswer, PolicyQuestion};
use vestibule_protocol::ScopeSet;

use super::socket::Asker;
use super::{Answer, shown, store_failed};

/// What policy says of a user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PolicyPage {
    pub(crate) user: UserLine,
    pub(crate) answers: Vec<PolicyLine>,
}

/// What is known of the user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserLine {
    pub(crate) user: String,
    pub(crate) verified_email: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    /// When the session was opened from which this is known; none if it is known from the command line alone.
    pub(crate) seen_at: Option<String>,
}

/// What policy says of one scope.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PolicyLine {
    pub(crate) resource: String,
    pub(crate) scope: String,
    pub(crate) given: bool,
    /// A reason each.
    pub(crate) why: Vec<String>,
}

/// What a command asks.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    user: String,
    client: String,
    resource: Option<String>,
    scope: Option<String>,
    email: Option<String>,
    /// With a line each.
    groups: Option<String>,
    roles: Option<String>,
}

pub(super) async fn explain(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(question): Query<Question>,
) -> Answer<PolicyPage> {
    let question = question.parse()?;
    let known = broker.known_user(&by, &question).await;
    let user = known.map_err(|error| store_failed(&error))?.ok_or_else(|| {
        let told = format!("{} is of none of the [providers]", question.user);
        (StatusCode::BAD_REQUEST, told)
    })?;
    let answers: Vec<PolicyLine> = broker
        .explain_policy(&user, &question)
        .iter()
        .map(PolicyLine::from)
        .collect();
    if answers.is_empty() {
        let told = "there is no such MCP server; [[resources]] names them all".to_owned();
        return Err((StatusCode::BAD_REQUEST, told));
    }
    Ok(Json(PolicyPage {
        user: UserLine {
            user: question.user.to_string(),
            verified_email: user.identity.verified_email().map(str::to_owned),
            groups: user.identity.groups.clone(),
            roles: user.identity.roles.clone(),
            seen_at: user.seen_at.map(shown),
        },
        answers,
    }))
}

impl Question {
    fn parse(self) -> Result<PolicyQuestion, (StatusCode, String)> {
        let lines = |text: String| text.lines().map(str::to_owned).collect();
        Ok(PolicyQuestion {
            user: parsed("--user", &self.user)?,
            client: parsed("--client", &self.client)?,
            resource: self
                .resource
                .map(|resource| parsed("--resource", &resource))
                .transpose()?,
            scopes: self
                .scope
                .map(|scope| parsed::<ScopeSet>("--scope", &scope))
                .transpose()?,
            email: self.email,
            groups: self.groups.map(lines),
            roles: self.roles.map(lines),
        })
    }
}

fn parsed<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, (StatusCode, String)> {
    text.parse()
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("{name} {text}: {error}")))
}

impl From<&PolicyAnswer<'_>> for PolicyLine {
    fn from(answer: &PolicyAnswer<'_>) -> Self {
        Self {
            resource: answer.resource.uri.to_string(),
            scope: answer.scope.to_string(),
            given: answer.is_given(),
            why: reasons(answer),
        }
    }
}

fn reasons(answer: &PolicyAnswer<'_>) -> Vec<String> {
    match answer.barred {
        Some(Barred::UnknownScope) => {
            return vec!["the MCP server has no such scope: [resources.scopes] names them all".to_owned()];
        }
        Some(Barred::Provider) => {
            return vec![
                "the MCP server does not admit users of this provider: [[resources]] providers".to_owned(),
            ];
        }
        Some(Barred::Client) => {
            return vec!["the client may not ask for it: [[clients]] scopes".to_owned()];
        }
        None => {}
    }
    let explanation = &answer.explanation;
    if !explanation.given.is_empty() {
        explanation.given.iter().map(gives).collect()
    } else if explanation.missed.is_empty() {
        vec!["no rule gives it".to_owned()]
    } else {
        explanation.missed.iter().map(misses).collect()
    }
}

fn gives(giver: &Giver) -> String {
    let source = match giver.source {
        Source::Provider => "the provider grants it".to_owned(),
        Source::Default => "there are no rules, and it is among the default scopes".to_owned(),
        Source::Rule(number) => format!("rule {number} gives it"),
        Source::ClientRule(number) => format!("rule {number} of [[grants.client_credentials]] gives it"),
    };
    match &giver.through {
        None => source,
        Some(broad) => format!("{source}, since it comes with {broad}"),
    }
}

fn misses(missed: &Missed<'_>) -> String {
    let unmet: Vec<String> = missed.unmet.iter().map(ToString::to_string).collect();
    format!(
        "rule {} gives it, but only where {}",
        missed.rule,
        unmet.join(" and ")
    )
}
