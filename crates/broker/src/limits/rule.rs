//! Every rule: what it counts, by whom, and where.

use std::fmt;
use std::time::Duration;

use crate::settings::{LimitMode, Outage, RuleSettings};
use crate::store::Quota;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitRule {
    /// Discovery documents, the key set and status lists.
    Documents,
    /// Pages, and where browsers are sent.
    Pages,
    /// Calls that were refused: wrong codes, tokens, secrets and clients.
    Failures,
    /// Registrations, and client metadata documents that were not read before.
    Registration,
    /// Documents that clients name, read from their host.
    ClientDocuments,
    /// Wrong secrets of a client whose secret could be guessed.
    ClientSecrets,
    /// Passwords tried for an account.
    LoginPasswords,
    /// One-time codes tried for an account.
    LoginCodes,
    /// Messages that an account is sent, such as one-time codes.
    LoginMessages,
    /// Logins that failed, whatever the account.
    LoginAddress,
    /// User codes of devices, right or wrong.
    UserCodes,
    /// Access tokens.
    Issuance,
}

/// By whom a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKey {
    /// An IPv4 address or an IPv6 network of 64 bits.
    Address,
    /// A client.
    Client,
    /// The host of a document.
    Host,
    /// An account, as it is typed, whether there is one or not; a browser that has logged in to it before counts for itself.
    Account,
    /// A user.
    Subject,
}

/// Where a rule is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReach {
    /// In each replica for itself.
    Replica,
    /// In the store, for all replicas.
    Shared,
}

impl LimitRule {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Documents,
        Self::Pages,
        Self::Failures,
        Self::Registration,
        Self::ClientDocuments,
        Self::ClientSecrets,
        Self::LoginPasswords,
        Self::LoginCodes,
        Self::LoginMessages,
        Self::LoginAddress,
        Self::UserCodes,
        Self::Issuance,
    ];

    /// The name, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Pages => "pages",
            Self::Failures => "failures",
            Self::Registration => "registration",
            Self::ClientDocuments => "client_documents",
            Self::ClientSecrets => "client_secrets",
            Self::LoginPasswords => "login_passwords",
            Self::LoginCodes => "login_codes",
            Self::LoginMessages => "login_messages",
            Self::LoginAddress => "login_address",
            Self::UserCodes => "user_codes",
            Self::Issuance => "issuance",
        }
    }

    /// By whom it counts.
    pub fn key(self) -> LimitKey {
        match self {
            Self::Documents
            | Self::Pages
            | Self::Failures
            | Self::Registration
            | Self::LoginAddress
            | Self::UserCodes => LimitKey::Address,
            Self::ClientDocuments => LimitKey::Host,
            Self::ClientSecrets => LimitKey::Client,
            Self::LoginPasswords | Self::LoginCodes | Self::LoginMessages => LimitKey::Account,
            Self::Issuance => LimitKey::Subject,
        }
    }

    /// Where it is decided.
    pub fn reach(self) -> LimitReach {
        match self {
            Self::Documents | Self::Pages | Self::Failures => LimitReach::Replica,
            Self::Registration
            | Self::ClientDocuments
            | Self::ClientSecrets
            | Self::LoginPasswords
            | Self::LoginCodes
            | Self::LoginMessages
            | Self::LoginAddress
            | Self::UserCodes
            | Self::Issuance => LimitReach::Shared,
        }
    }

    /// What an operator has who decides nothing.
    ///
    /// Guesses fail closed: while nobody counts them, nobody may make them.
    pub(crate) fn usual(self) -> RuleSettings {
        let (burst, every, outage) = match self {
            Self::Documents => (600, Duration::from_millis(10), Outage::Local),
            Self::Pages => (300, Duration::from_millis(100), Outage::Local),
            Self::Failures => (60, Duration::from_secs(1), Outage::Local),
            Self::Registration => (100, Duration::from_secs(10), Outage::Local),
            Self::ClientDocuments => (60, Duration::from_secs(10), Outage::Local),
            Self::ClientSecrets => (20, Duration::from_secs(30), Outage::Closed),
            Self::LoginPasswords => (10, Duration::from_secs(6), Outage::Closed),
            // A million codes at one in five minutes: guessing takes years.
            Self::LoginCodes => (10, Duration::from_secs(5 * 60), Outage::Closed),
            Self::LoginMessages => (10, Duration::from_secs(30), Outage::Local),
            Self::LoginAddress => (50, Duration::from_secs(10), Outage::Local),
            // 34 bits at six a minute, of codes that last ten minutes.
            Self::UserCodes => (20, Duration::from_secs(10), Outage::Closed),
            Self::Issuance => (1000, Duration::from_secs(1), Outage::Local),
        };
        RuleSettings {
            quota: Quota { burst, per: every },
            mode: LimitMode::Enforce,
            outage,
        }
    }
}

impl fmt::Display for LimitRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl LimitKey {
    /// The key in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Client => "client",
            Self::Host => "host",
            Self::Account => "account",
            Self::Subject => "subject",
        }
    }
}

impl LimitReach {
    /// The reach in a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replica => "replica",
            Self::Shared => "shared",
        }
    }
}
