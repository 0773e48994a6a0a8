//! One file for each record: its rows, its verbs.

mod authorizations;
mod browser_logins;
mod clients;
mod codes;
mod consents;
mod documents;
mod index;
mod keys;
mod limits;
mod listing;
mod replays;
mod sessions;
mod status;
mod upstreams;

pub(crate) use authorizations::AuthorizationTable;
pub(crate) use browser_logins::BrowserLoginTable;
pub(crate) use clients::ClientTable;
pub(crate) use codes::CodeTable;
pub(crate) use consents::ConsentTable;
pub(crate) use documents::DocumentTable;
pub(crate) use keys::KeyTable;
pub(crate) use limits::CellTable;
pub(crate) use replays::ReplayTable;
pub(crate) use sessions::{ENDED, SESSIONS, SessionTables};
pub(crate) use status::{STATUS_BITS, STATUS_LISTS, StatusTables};
pub(crate) use upstreams::{UPSTREAMS, UpstreamTables};
