//! One file for each record: its rows, its verbs.

mod authorizations;
mod browser_logins;
mod clients;
mod codes;
mod consents;
mod devices;
mod documents;
mod index;
mod keys;
mod limits;
mod listing;
mod pushed_requests;
mod replays;
mod sessions;
mod status;
mod upstreams;

pub(crate) use authorizations::AuthorizationTable;
pub(crate) use browser_logins::BrowserLoginTable;
pub(crate) use clients::ClientTable;
pub(crate) use codes::CodeTable;
pub(crate) use consents::ConsentTable;
pub(crate) use devices::DeviceTable;
pub(crate) use documents::DocumentTable;
pub(crate) use keys::KeyTable;
pub(crate) use limits::CellTable;
pub(crate) use pushed_requests::PushedRequestTable;
pub(crate) use replays::ReplayTable;
pub(crate) use sessions::{ENDED, SESSIONS, SessionTables};
pub(crate) use status::{STATUS_BITS, STATUS_LISTS, StatusTables};
pub(crate) use upstreams::{UPSTREAMS, UpstreamTables};
