//! `vestibule clients …`, over the socket.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use vestibule_broker::record::{ClientDocument, RegisteredClient, Standing};
use vestibule_broker::store::{Cursor, StoreError};
use vestibule_broker::{Broker, Client, ClientChange, ClientDetails};
use vestibule_protocol::{ClientId, GrantType, RedirectUri};

use super::socket::Asker;
use super::{Answer, Part, foreign_mark, shown, store_failed};

/// One client, as operators see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientLine {
    pub(crate) client_id: String,
    /// What it calls itself; nobody vouches for it if it registered.
    pub(crate) name: Option<String>,
    /// `configured`, `registered` or `document`.
    pub(crate) origin: String,
    pub(crate) blocked: bool,
    /// Whether an operator has approved it; absent if there is nothing to approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) approved: Option<bool>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) grant_types: Vec<String>,
    pub(crate) home_page: Option<String>,
    pub(crate) registered_at: Option<String>,
    pub(crate) expires_at: Option<String>,
}

/// A page of clients.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientPage {
    pub(crate) clients: Vec<ClientLine>,
    pub(crate) next: Option<String>,
}

/// What came of a change.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChangeLine {
    pub(crate) ended_sessions: usize,
}

/// Which client is meant.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    id: String,
}

impl From<Client> for ClientLine {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id().to_string(),
            name: client.own_name().map(str::to_owned),
            origin: "configured".to_owned(),
            blocked: client.is_blocked(),
            approved: None,
            redirect_uris: texts(client.redirect_uris()),
            grant_types: grants(client.grant_types()),
            home_page: client.home_page().map(str::to_owned),
            registered_at: None,
            expires_at: None,
        }
    }
}

impl From<RegisteredClient> for ClientLine {
    fn from(client: RegisteredClient) -> Self {
        Self {
            client_id: client.id.to_string(),
            origin: "registered".to_owned(),
            blocked: client.blocked,
            approved: None,
            redirect_uris: texts(&client.metadata.redirect_uris),
            grant_types: grants(&client.metadata.grant_types),
            name: client.metadata.client_name,
            home_page: client.metadata.client_uri,
            registered_at: Some(shown(client.registered_at)),
            expires_at: Some(shown(client.expires_at)),
        }
    }
}

impl From<ClientDocument> for ClientLine {
    fn from(document: ClientDocument) -> Self {
        let read = document.read;
        let metadata = read.as_ref().map(|read| &read.metadata);
        Self {
            client_id: document.id.to_string(),
            name: metadata.and_then(|metadata| metadata.client_name.clone()),
            origin: "document".to_owned(),
            blocked: document.standing == Standing::Blocked,
            approved: Some(document.standing == Standing::Approved),
            redirect_uris: metadata.map_or_else(Vec::new, |metadata| texts(&metadata.redirect_uris)),
            grant_types: metadata.map_or_else(Vec::new, |metadata| grants(&metadata.grant_types)),
            home_page: metadata.and_then(|metadata| metadata.client_uri.clone()),
            registered_at: read.as_ref().map(|read| shown(read.read_at)),
            expires_at: Some(shown(document.expires_at)),
        }
    }
}

fn texts(all: &[RedirectUri]) -> Vec<String> {
    all.iter().map(RedirectUri::to_string).collect()
}

fn grants(all: &[GrantType]) -> Vec<String> {
    all.iter().map(|grant| grant.as_str().to_owned()).collect()
}

/// The mark behind which those come that are known by a document.
const DOCUMENTS: &str = "documents:";

/// The configured clients come first, with the first page; those that are known by a document come last.
pub(super) async fn list(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(part): Query<Part>,
) -> Answer<ClientPage> {
    let mut clients = Vec::new();
    if part.after.is_none() {
        clients.extend(broker.configured_clients().into_iter().map(ClientLine::from));
    }
    let mark = |next: Option<Cursor>| next.map(|mark| mark.as_str().to_owned());
    if let Some(after) = part.behind(DOCUMENTS) {
        let page = broker.list_client_documents(&after).await;
        let page = page
            .map_err(|error| store_failed(&error))?
            .ok_or_else(foreign_mark)?;
        clients.extend(page.records.into_iter().map(ClientLine::from));
        let next = mark(page.next).map(|mark| format!("{DOCUMENTS}{mark}"));
        return Ok(Json(ClientPage { clients, next }));
    }
    let page = broker.list_clients(&by, &part.request()).await;
    let page = page
        .map_err(|error| store_failed(&error))?
        .ok_or_else(foreign_mark)?;
    clients.extend(page.records.into_iter().map(ClientLine::from));
    let next = mark(page.next).or_else(|| Some(DOCUMENTS.to_owned()));
    Ok(Json(ClientPage { clients, next }))
}

pub(super) async fn approve(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<ChangeLine> {
    let change = broker.approve_client(&by, &which.parse()?).await;
    which.changed(change)
}

pub(super) async fn show(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<ClientLine> {
    let found = broker.show_client(&by, &which.parse()?).await;
    match found.map_err(|error| store_failed(&error))? {
        Some(ClientDetails::Configured(client)) => Ok(Json((*client).into())),
        Some(ClientDetails::Registered(client)) => Ok(Json((*client).into())),
        Some(ClientDetails::Document(document)) => Ok(Json((*document).into())),
        None => Err(which.unknown()),
    }
}

pub(super) async fn block(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<ChangeLine> {
    let change = broker.block_client(&by, &which.parse()?).await;
    which.changed(change)
}

pub(super) async fn unblock(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<ChangeLine> {
    let change = broker.unblock_client(&by, &which.parse()?).await;
    which.changed(change)
}

pub(super) async fn delete(
    State(broker): State<Arc<Broker>>,
    Asker(by): Asker,
    Query(which): Query<Which>,
) -> Answer<ChangeLine> {
    let change = broker.delete_client(&by, &which.parse()?).await;
    which.changed(change)
}

impl Which {
    fn parse(&self) -> Result<ClientId, (StatusCode, String)> {
        ClientId::parse(&self.id).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    }

    fn unknown(&self) -> (StatusCode, String) {
        let told = format!(
            "there is no client {}; `vestibule clients list` names them all",
            self.id
        );
        (StatusCode::NOT_FOUND, told)
    }

    fn changed(&self, change: Result<ClientChange, StoreError>) -> Answer<ChangeLine> {
        match change.map_err(|error| store_failed(&error))? {
            ClientChange::Done { ended_sessions } => Ok(Json(ChangeLine { ended_sessions })),
            ClientChange::Configured => Err((
                StatusCode::CONFLICT,
                format!(
                    "{} stands in the configuration; take it out of [[clients]] there and start the broker again, then end its sessions with `vestibule sessions end --client`",
                    self.id
                ),
            )),
            ClientChange::NoDocument => Err((
                StatusCode::CONFLICT,
                format!(
                    "{} is not the address of a client metadata document; only clients that are known by one are approved",
                    self.id
                ),
            )),
            ClientChange::Unknown => Err(self.unknown()),
        }
    }
}
