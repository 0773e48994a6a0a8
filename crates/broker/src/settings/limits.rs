//! How often things may be done.

use ipnet::IpNet;

use crate::LimitRule;
use crate::store::Quota;

/// The rules, and the addresses that stand for many users.
#[derive(Debug, Clone)]
pub struct LimitSettings {
    documents: RuleSettings,
    pages: RuleSettings,
    failures: RuleSettings,
    registration: RuleSettings,
    client_documents: RuleSettings,
    client_secrets: RuleSettings,
    login_passwords: RuleSettings,
    login_codes: RuleSettings,
    login_messages: RuleSettings,
    login_address: RuleSettings,
    user_codes: RuleSettings,
    issuance: RuleSettings,
    /// The classes of addresses; no address is in two of them.
    pub classes: Vec<AddressClass>,
}

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSettings {
    /// How much goes through.
    pub quota: Quota,
    /// What becomes of what is more.
    pub mode: LimitMode,
    /// What happens while the store is away, for rules that all replicas share.
    pub outage: Outage,
}

/// What becomes of what is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitMode {
    /// It is refused.
    Enforce,
    /// It is counted and let through.
    Report,
    /// Nothing is counted.
    Off,
}

/// What a shared rule does while the store is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// It lets everything through.
    Open,
    /// It lets nothing through.
    Closed,
    /// Each replica counts for itself.
    Local,
}

/// Addresses behind each of which there are many users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressClass {
    /// What it is called.
    pub name: String,
    /// Its addresses.
    pub networks: Vec<IpNet>,
    /// How many users one address stands for: it may do so many times as much as another.
    pub users: u32,
}

impl LimitSettings {
    /// The settings of a rule.
    pub fn rule(&self, rule: LimitRule) -> RuleSettings {
        match rule {
            LimitRule::Documents => self.documents,
            LimitRule::Pages => self.pages,
            LimitRule::Failures => self.failures,
            LimitRule::Registration => self.registration,
            LimitRule::ClientDocuments => self.client_documents,
            LimitRule::ClientSecrets => self.client_secrets,
            LimitRule::LoginPasswords => self.login_passwords,
            LimitRule::LoginCodes => self.login_codes,
            LimitRule::LoginMessages => self.login_messages,
            LimitRule::LoginAddress => self.login_address,
            LimitRule::UserCodes => self.user_codes,
            LimitRule::Issuance => self.issuance,
        }
    }

    /// The settings of a rule, to be changed.
    pub fn rule_mut(&mut self, rule: LimitRule) -> &mut RuleSettings {
        match rule {
            LimitRule::Documents => &mut self.documents,
            LimitRule::Pages => &mut self.pages,
            LimitRule::Failures => &mut self.failures,
            LimitRule::Registration => &mut self.registration,
            LimitRule::ClientDocuments => &mut self.client_documents,
            LimitRule::ClientSecrets => &mut self.client_secrets,
            LimitRule::LoginPasswords => &mut self.login_passwords,
            LimitRule::LoginCodes => &mut self.login_codes,
            LimitRule::LoginMessages => &mut self.login_messages,
            LimitRule::LoginAddress => &mut self.login_address,
            LimitRule::UserCodes => &mut self.user_codes,
            LimitRule::Issuance => &mut self.issuance,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            documents: LimitRule::Documents.usual(),
            pages: LimitRule::Pages.usual(),
            failures: LimitRule::Failures.usual(),
            registration: LimitRule::Registration.usual(),
            client_documents: LimitRule::ClientDocuments.usual(),
            client_secrets: LimitRule::ClientSecrets.usual(),
            login_passwords: LimitRule::LoginPasswords.usual(),
            login_codes: LimitRule::LoginCodes.usual(),
            login_messages: LimitRule::LoginMessages.usual(),
            login_address: LimitRule::LoginAddress.usual(),
            user_codes: LimitRule::UserCodes.usual(),
            issuance: LimitRule::Issuance.usual(),
            classes: Vec::new(),
        }
    }
}

impl LimitMode {
    /// The mode, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Report => "report",
            Self::Off => "off",
        }
    }
}

impl Outage {
    /// What happens, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Local => "local",
        }
    }
}
