//! Everything that the store holds, in memory.

use vestibule_protocol::Timestamp;

use crate::error::RowError;
use crate::table::Table;
use crate::tables::{
    AuthorizationTable, BrowserLoginTable, CellTable, ClientTable, CodeTable, ConsentTable, DeviceTable,
    DocumentTable, ENDED, KeyTable, PushedRequestTable, ReplayTable, SESSIONS, STATUS_BITS, STATUS_LISTS,
    SessionTables, StatusTables, UPSTREAMS, UpstreamTables,
};
use crate::trace::Trace;

/// How many rows a sweep looks at while it holds the lock.
const SLICE: usize = 512;

const AUTHORIZATIONS: &str = "authorizations";
const BROWSER_LOGINS: &str = "browser_logins";
const CLIENTS: &str = "clients";
const CODES: &str = "codes";
const CONSENTS: &str = "consents";
const DOCUMENTS: &str = "client_documents";
const DEVICES: &str = "devices";
const KEYS: &str = "keys";
const PUSHED_REQUESTS: &str = "pushed_requests";
const REPLAYS: &str = "replays";

/// The tables.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) authorizations: AuthorizationTable,
    pub(crate) browser_logins: BrowserLoginTable,
    pub(crate) cells: CellTable,
    pub(crate) clients: ClientTable,
    pub(crate) codes: CodeTable,
    pub(crate) consents: ConsentTable,
    pub(crate) documents: DocumentTable,
    pub(crate) devices: DeviceTable,
    pub(crate) keys: KeyTable,
    pub(crate) pushed_requests: PushedRequestTable,
    pub(crate) replays: ReplayTable,
    pub(crate) sessions: SessionTables,
    pub(crate) status: StatusTables,
    pub(crate) upstreams: UpstreamTables,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            authorizations: Table::new(AUTHORIZATIONS),
            browser_logins: Table::new(BROWSER_LOGINS),
            cells: CellTable::default(),
            clients: Table::new(CLIENTS),
            codes: Table::new(CODES),
            consents: Table::new(CONSENTS),
            documents: Table::new(DOCUMENTS),
            devices: Table::new(DEVICES),
            keys: Table::new(KEYS),
            pushed_requests: Table::new(PUSHED_REQUESTS),
            replays: Table::new(REPLAYS),
            sessions: SessionTables::default(),
            status: StatusTables::default(),
            upstreams: UpstreamTables::default(),
        }
    }
}

impl Image {
    /// Takes a row from the file.
    pub(crate) fn load(&mut self, table: &str, key: &[u8], value: &[u8]) -> Result<(), RowError> {
        match table {
            AUTHORIZATIONS => self.authorizations.load(key, value).map(drop),
            BROWSER_LOGINS => self.browser_logins.load(key, value).map(drop),
            CLIENTS => self.clients.load(key, value).map(drop),
            CODES => self.codes.load(key, value).map(drop),
            CONSENTS => self.consents.load(key, value).map(drop),
            DOCUMENTS => self.documents.load(key, value).map(drop),
            DEVICES => self.devices.load(key, value).map(drop),
            KEYS => self.keys.load(key, value).map(drop),
            PUSHED_REQUESTS => self.pushed_requests.load(key, value).map(drop),
            REPLAYS => self.replays.load(key, value).map(drop),
            SESSIONS => self.sessions.load(key, value),
            ENDED => self.sessions.load_ended(key, value),
            STATUS_LISTS => self.status.load_list(key, value),
            STATUS_BITS => self.status.load_bits(key, value),
            UPSTREAMS => self.upstreams.load(key, value),
            _ => Err(RowError::UnknownTable),
        }
    }

    /// Removes a slice of what has expired, and says whether more may be left.
    pub(crate) fn sweep(&mut self, now: Timestamp, trace: &mut Trace) -> bool {
        let mut budget = SLICE;
        self.authorizations.sweep(now, &mut budget, trace, |_, _| ());
        self.browser_logins.sweep(now, &mut budget, trace, |_, _| ());
        self.clients.sweep(now, &mut budget, trace, |_, _| ());
        self.codes.sweep(now, &mut budget, trace, |_, _| ());
        self.documents.sweep(now, &mut budget, trace, |_, _| ());
        self.devices.sweep(now, &mut budget, trace, |_, _| ());
        self.cells.sweep(now, &mut budget);
        self.pushed_requests.sweep(now, &mut budget, trace, |_, _| ());
        self.replays.sweep(now, &mut budget, trace, |_, _| ());
        self.sessions.sweep(now, &mut budget, trace);
        self.status.sweep(now, &mut budget, trace);
        self.upstreams.sweep(now, &mut budget, trace);
        budget == 0
    }
}
