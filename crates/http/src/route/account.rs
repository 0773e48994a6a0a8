//! `/account`: a person's own sessions, each with a button that ends it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use vestibule_broker::{AccountError, Broker, OwnSession};
use vestibule_protocol::{SessionId, Timestamp};

use crate::date::day;
use crate::extract::{Submission, Visitor};
use crate::failure::{PageFailure, Problem};
use crate::page::{AccountPage, LoggedOutAccountPage, SessionLine, shown};
use crate::pages::{Pages, client_name_shown};
use crate::respond::{page, see_other};

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Visitor(browser): Visitor,
) -> Result<Response, PageFailure> {
    let account = match broker.account(&browser).await {
        Err(AccountError::NotLoggedIn) => {
            return Ok(page(&LoggedOutAccountPage { frame: &pages.frame }));
        }
        other => other?,
    };
    let now = broker.now();
    Ok(page(&AccountPage {
        frame: &pages.frame,
        user: shown(&account.user),
        form_token: &account.form_token,
        sessions: account
            .sessions
            .iter()
            .map(|session| line(session, now))
            .collect(),
    }))
}

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    let token = params.one("form_token")?.unwrap_or_default();
    let id = params
        .one("end_session")?
        .and_then(|id| SessionId::parse(id).ok());
    let id = id.ok_or_else(|| Problem::malformed("The form names no session."))?;
    broker.end_own_session(&browser, token, &id).await?;
    Ok(see_other(&pages.frame.account))
}

fn line(session: &OwnSession, now: Timestamp) -> SessionLine {
    SessionLine {
        id: session.id.to_string(),
        client: client_name_shown(&session.client_name),
        resources: session.resources.join(", "),
        scopes: session.scopes.iter().map(ToString::to_string).collect(),
        since: day(session.opened_at, now),
        last_used: day(session.used_at, now),
    }
}
