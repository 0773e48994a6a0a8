//! `vestibule sessions …`, over the socket.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use vestibule_broker::record::Session;
use vestibule_broker::{Broker, SessionFilter};
use vestibule_protocol::{ClientId, ResourceUri, SessionId, Subject};

use super::socket::Asker;
use super::{Answer, Part, foreign_mark, shown, store_failed};

/// One session, as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionLine {
    pub(crate) sid: String,
    /// The user's `sub`.
    pub(crate) user: String,
    /// What the user is called, as the provider said.
    pub(crate) user_name: String,
    pub(crate) client_id: String,
    pub(crate) resources: Vec<String>,
    pub(crate) scope: String,
    pub(crate) opened_at: String,
    pub(crate) used_at: String,
    pub(crate) ends_at: String,
}

/// A page of sessions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionPage {
    pub(crate) sessions: Vec<SessionLine>,
    pub(crate) next: Option<String>,
}

/// What came of ending sessions.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndLine {
    pub(crate) ended: usize,
    pub(crate) next: Option<String>,
}

/// Which sessions a command is about.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    sid: Option<String>,
    user: Option<String>,
    client: Option<String>,
    resource: Option<String>,
    /// Says on purpose that nobody's are left out.
    #[serde(default)]
    everybody: bool,
}

impl From<Session> for SessionLine {
    fn from(session: Session) -> Self {
        Self {
            sid: session.id.to_string(),
            user: session.identity.subject.to_string(),
            user_name: session.identity.display_name().to_owned(),
            client_id: session.client_id.to_string(),
            resources: session.resources.iter().map(ToString::to_string).collect(),
            scope: session.scopes.to_string(),
            opened_at: shown(session.opened_at),
            used_at: shown(session.rotated_at),
            ends_at: shown(session.ends_at()),
        }
    }
}

pub(super) async fn list(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
    Query(part): Query<Part>,
) -> Answer<SessionPage> {
    let page = broker.list_sessions(&by, &which.filter()?, &part.request()).await;
    let page = page
        .map_err(|error| store_failed(&error))?
        .ok_or_else(foreign_mark)?;
    Ok(Json(SessionPage {
        sessions: page.records.into_iter().map(SessionLine::from).collect(),
        next: page.next.map(|mark| mark.as_str().to_owned()),
    }))
}

pub(super) async fn show(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<SessionLine> {
    let sid = which.sid()?;
    let found = broker.show_session(&by, &sid).await;
    match found.map_err(|error| store_failed(&error))? {
        Some(session) => Ok(Json(session.into())),
        None => Err(unknown(&sid)),
    }
}

/// Ends one session, or a page of those that are meant.
pub(super) async fn end(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
    Query(part): Query<Part>,
) -> Answer<EndLine> {
    if which.sid.is_some() {
        let sid = which.sid()?;
        let lived = broker.end_session_as(&by, &sid).await;
        return if lived.map_err(|error| store_failed(&error))? {
            Ok(Json(EndLine { ended: 1, next: None }))
        } else {
            Err(unknown(&sid))
        };
    }
    let filter = which.filter()?;
    if filter.is_empty() != which.everybody {
        let told = "say which sessions: a sid, a user, a client or a resource; or everybody's, and then nothing else";
        return Err((StatusCode::BAD_REQUEST, told.to_owned()));
    }
    let ended = broker.end_sessions(&by, &filter, &part.request()).await;
    let ended = ended
        .map_err(|error| store_failed(&error))?
        .ok_or_else(foreign_mark)?;
    Ok(Json(EndLine {
        ended: ended.count,
        next: ended.next.map(|mark| mark.as_str().to_owned()),
    }))
}

impl Which {
    fn sid(&self) -> Result<SessionId, (StatusCode, String)> {
        SessionId::parse(self.sid.as_deref().unwrap_or_default())
            .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    }

    fn filter(&self) -> Result<SessionFilter, (StatusCode, String)> {
        Ok(SessionFilter {
            user: parsed::<Subject>(self.user.as_deref())?,
            client: parsed::<ClientId>(self.client.as_deref())?,
            resource: parsed::<ResourceUri>(self.resource.as_deref())?,
        })
    }
}

fn parsed<T: FromStr<Err: ToString>>(text: Option<&str>) -> Result<Option<T>, (StatusCode, String)> {
    text.map(str::parse)
        .transpose()
        .map_err(|error: T::Err| (StatusCode::BAD_REQUEST, error.to_string()))
}

fn unknown(sid: &SessionId) -> (StatusCode, String) {
    let told = format!("there is no live session {sid}; it has ended, or `vestibule sessions list` names it");
    (StatusCode::NOT_FOUND, told)
}
