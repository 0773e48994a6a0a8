//! A rule that all replicas share: its cells are in the store.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use quick_cache::sync::Cache;
use vestibule_protocol::{ClientId, ProviderId, Subject, Timestamp};

use super::address::{ClassIndex, ClientAddress, Network};
use super::cells::{Cells, ClassCells};
use super::limited::{LimitError, Limited};
use super::report::LimitReport;
use super::rule::LimitRule;
use super::tally::Tally;
use crate::settings::{LimitMode, Outage, RuleSettings};
use crate::store::{Store, StoreError, Verdict};
use crate::{Clock, Digest};

/// How many full cells a replica remembers.
const REMEMBERED: usize = 10_000;

pub(crate) struct Shared {
    settings: RuleSettings,
    tally: Tally,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// What it counts in while the store is away; each class has its quota here.
    cells: ClassCells,
    /// The cells that were found full, and until when.
    full: Cache<u64, Timestamp>,
    hasher: RandomState,
}

/// Whom an event is counted against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// An address.
    Address(ClientAddress),
    /// A client.
    Client(&'a ClientId),
    /// The host of a document.
    Host(&'a str),
    /// An account of a provider, by the digest of its name.
    Account(&'a ProviderId, &'a Digest),
    /// A browser that has logged in to the account before.
    Device(&'a str),
    /// A walk, whose account nobody has named.
    Walk(&'a ProviderId, &'a Digest),
    /// A user.
    Subject(&'a Subject),
}

impl Whose<'_> {
    fn class(self) -> ClassIndex {
        match self {
            Self::Address(address) => address.parts().map(|(_, class)| class).unwrap_or_default(),
            Self::Client(_)
            | Self::Host(_)
            | Self::Account(..)
            | Self::Device(_)
            | Self::Walk(..)
            | Self::Subject(_) => ClassIndex::default(),
        }
    }

    /// Whether nobody empties its cell: one that was found full is full until it has drained.
    fn is_never_cleared(self) -> bool {
        match self {
            Self::Address(_) | Self::Client(_) | Self::Host(_) | Self::Subject(_) => true,
            Self::Account(..) | Self::Device(_) | Self::Walk(..) => false,
        }
    }

    /// Whether it is nobody: an address that is unknown cannot be counted.
    fn is_nobody(self) -> bool {
        matches!(self, Self::Address(address) if address == ClientAddress::default())
    }
}

impl fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => match address.parts() {
                Some((network, _)) => Network::fmt(&network, f),
                None => f.write_str("unknown"),
            },
            Self::Client(client) => client.fmt(f),
            Self::Host(host) => f.write_str(host),
            Self::Account(provider, account) => write!(f, "account:{provider}:{account}"),
            Self::Device(device) => write!(f, "device:{device}"),
            Self::Walk(provider, walk) => write!(f, "walk:{provider}:{walk}"),
            Self::Subject(subject) => subject.fmt(f),
        }
    }
}

impl Shared {
    pub(super) fn new(
        rule: LimitRule,
        settings: RuleSettings,
        cells: ClassCells,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            tally: Tally::new(rule, settings.mode, clock),
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            cells,
            full: Cache::new(REMEMBERED),
            hasher: RandomState::new(),
        }
    }

    /// Counts one event, unless its cell is full.
    pub(crate) async fn take(&self, whose: Whose<'_>) -> Result<(), LimitError> {
        if self.tally.is_off() || whose.is_nobody() {
            return Ok(());
        }
        let Some(cells) = self.cells.of(whose.class()) else {
            return Ok(());
        };
        if whose.is_never_cleared() {
            self.look(whose)?;
        }
        let cell = self.cell(whose);
        let now = self.clock.now();
        let verdict = match self.store.check_limit(&cell, cells.quota(), now).await {
            Ok(verdict) => verdict,
            Err(error) => self.without_store(&cell, cells, error)?,
        };
        if let (Verdict::Wait(wait), LimitMode::Enforce) = (verdict, self.settings.mode) {
            self.full.insert(self.hasher.hash_one(&cell), now + wait);
        }
        Ok(self.tally.judge(verdict, cells.quota(), &whose)?)
    }

    /// Whether the cell was found full, as far as this replica knows. Nothing is counted and the store is not asked: this is for
    /// rules that count what failed, once it has failed.
    pub(crate) fn look(&self, whose: Whose<'_>) -> Result<(), Limited> {
        if self.full.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let until = self.full.get(&self.hasher.hash_one(self.cell(whose)));
        match until.filter(|until| now < *until) {
            None => Ok(()),
            Some(until) => {
                let quota = self
                    .cells
                    .of(whose.class())
                    .map_or(self.settings.quota, Cells::quota);
                self.tally.judge(Verdict::Wait(until.since(now)), quota, &whose)
            }
        }
    }

    /// Empties the cell.
    pub(crate) async fn clear(&self, whose: Whose<'_>) -> Result<(), StoreError> {
        if self.tally.is_off() {
            return Ok(());
        }
        let cell = self.cell(whose);
        self.full.remove(&self.hasher.hash_one(&cell));
        self.store.clear_limit(&cell).await
    }

    fn without_store(&self, cell: &str, cells: &Cells, error: StoreError) -> Result<Verdict, StoreError> {
        tracing::debug!(rule = self.tally.rule.as_str(), %error, "a limit is judged without the store");
        match (self.settings.outage, self.settings.mode) {
            (Outage::Closed, LimitMode::Enforce) => Err(error),
            (Outage::Local, _) => Ok(cells.take(&cell)),
            (Outage::Open, _) | (Outage::Closed, LimitMode::Report | LimitMode::Off) => Ok(Verdict::Go),
        }
    }

    fn cell(&self, whose: Whose<'_>) -> String {
        format!("{}:{whose}", self.tally.rule)
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn tidy(&self) {
        self.cells.tidy();
    }

    pub(super) fn report(&self) -> LimitReport {
        LimitReport::new(self.tally.rule, self.settings, self.tally.counts())
    }
}
