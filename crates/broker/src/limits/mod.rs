//! How often things may be done: one table of rules, each counted, and enforced unless the operator only wants to look.
//!
//! What one replica can decide it decides by itself, in cells of its own. What all replicas must share is a cell of the store;
//! whoever finds it full remembers so, and asks it no more until it has room. To add a rule: a variant of [`LimitRule`], a field
//! in the settings and one here.

mod address;
mod cells;
mod generations;
mod issuance;
mod limited;
mod replica;
mod report;
mod rule;
mod shared;
mod tally;

use std::net::IpAddr;
use std::sync::Arc;

pub use address::ClientAddress;
pub use limited::{LimitError, Limited};
pub use report::LimitReport;
pub use rule::{LimitKey, LimitReach, LimitRule};

use self::address::Classes;
use self::cells::ClassCells;
use self::issuance::Issuance;
use self::replica::Replica;
pub(crate) use self::shared::{Shared, Whose};
use crate::settings::LimitSettings;
use crate::store::Store;
use crate::{Broker, Clock};

/// Every rule, and what has come of it.
pub(crate) struct Limits {
    classes: Classes,
    documents: Replica,
    pages: Replica,
    failures: Replica,
    pub(crate) registration: Shared,
    pub(crate) client_documents: Shared,
    pub(crate) client_secrets: Shared,
    pub(crate) login_passwords: Shared,
    pub(crate) login_codes: Shared,
    pub(crate) login_messages: Shared,
    pub(crate) login_address: Shared,
    pub(crate) user_codes: Shared,
    pub(crate) issuance: Issuance,
}

impl Limits {
    pub(crate) fn new(settings: &LimitSettings, store: &Arc<dyn Store>, clock: &Arc<dyn Clock>) -> Self {
        let classes = Classes::new(&settings.classes);
        let cells = |rule| ClassCells::new(settings.rule(rule).quota, classes.users(), clock);
        let replica = |rule| Replica::new(rule, settings.rule(rule), cells(rule), clock);
        let shared = |rule| Shared::new(rule, settings.rule(rule), cells(rule), store, clock);
        let issuance = LimitRule::Issuance;
        Self {
            documents: replica(LimitRule::Documents),
            pages: replica(LimitRule::Pages),
            failures: replica(LimitRule::Failures),
            registration: shared(LimitRule::Registration),
            client_documents: shared(LimitRule::ClientDocuments),
            client_secrets: shared(LimitRule::ClientSecrets),
            login_passwords: shared(LimitRule::LoginPasswords),
            login_codes: shared(LimitRule::LoginCodes),
            login_messages: shared(LimitRule::LoginMessages),
            login_address: shared(LimitRule::LoginAddress),
            user_codes: shared(LimitRule::UserCodes),
            issuance: Issuance::new(settings.rule(issuance).quota, shared(issuance), clock),
            classes,
        }
    }

    /// Forgets cells that have drained.
    pub(crate) fn tidy(&self) {
        for replica in [&self.documents, &self.pages, &self.failures] {
            replica.tidy();
        }
        for shared in self.shared() {
            shared.tidy();
        }
        self.issuance.tidy();
    }

    fn report(&self) -> Vec<LimitReport> {
        let replicas = [&self.documents, &self.pages, &self.failures];
        let here = replicas.into_iter().map(Replica::report);
        let shared = self.shared().into_iter().map(Shared::report);
        here.chain(shared).collect()
    }

    fn shared(&self) -> [&Shared; 9] {
        [
            &self.registration,
            &self.client_documents,
            &self.client_secrets,
            &self.login_passwords,
            &self.login_codes,
            &self.login_messages,
            &self.login_address,
            &self.user_codes,
            self.issuance.shared(),
        ]
    }
}

impl Broker {
    /// The address as limits see it.
    pub fn locate(&self, address: IpAddr) -> ClientAddress {
        self.limits.classes.locate(address)
    }

    /// Whether a published document may be read once more from there.
    ///
    /// # Errors
    /// [`Limited`] says for how long not.
    pub fn admit_reader(&self, caller: ClientAddress) -> Result<(), Limited> {
        self.limits.documents.take(caller)
    }

    /// Whether a page may be asked for once more from there.
    ///
    /// # Errors
    /// [`Limited`] says for how long not.
    pub fn admit_visitor(&self, caller: ClientAddress) -> Result<(), Limited> {
        self.limits.pages.take(caller)
    }

    /// Counts a call that was refused against the address that it came from. Calls that succeed are not counted, so that one
    /// broken client does not hold up others behind the same address.
    ///
    /// # Errors
    /// [`Limited`] is to be told in place of the reason.
    pub fn count_failure(&self, caller: ClientAddress) -> Result<(), Limited> {
        self.limits.failures.take(caller)
    }

    /// Every rule, and what has come of it in this replica.
    pub fn describe_limits(&self) -> Vec<LimitReport> {
        self.limits.report()
    }

    /// Forgets whoever came long enough ago, so that memory is given back when a flood is over.
    pub fn tidy_limits(&self) {
        self.limits.tidy();
    }
}
