//! What the operator decided, validated. The program's configuration is parsed into this; the broker trusts it.

mod assertions;
mod client_assertions;
mod client_documents;
mod clients;
mod dpop;
mod grants;
mod lifetimes;
mod limits;
mod pattern;
mod policy;
mod registration;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use vestibule_jose::Algorithm;
use vestibule_protocol::{Issuer, ProviderId};

pub use assertions::{IssuerKeys, IssuerNetwork, Reuse, Trust, TrustedIssuer, WorkloadRule};
pub use client_assertions::ClientAssertionSettings;
pub use client_documents::{BadDocumentPattern, ClientDocumentSettings, DocumentPattern};
pub use clients::{ClientKeySettings, ConfiguredClient};
pub use dpop::{DpopBinding, DpopSettings, ProofNonces};
pub use grants::{ClientRule, DeviceCodeSettings, GrantSettings};
pub use lifetimes::Lifetimes;
pub use limits::{AddressClass, LimitMode, LimitSettings, Outage, RuleSettings};
pub use pattern::{Pattern, PatternError};
pub use policy::{Condition, Explanation, Giver, Missed, Policy, Rule, Source};
pub use registration::RegistrationSettings;
pub use resources::{Resource, Resources, ScopeText};

/// The broker's settings.
#[derive(Debug)]
pub struct Settings {
    /// Who issues: the public URL.
    pub issuer: Issuer,
    /// The MCP servers that tokens are issued for.
    pub resources: Resources,
    /// The clients that the operator wrote down.
    pub clients: Vec<ConfiguredClient>,
    /// What tokens are signed with.
    pub signing_algorithm: Algorithm,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Which user may have which scopes.
    pub policy: Policy,
    /// Who may register, and how.
    pub registration: RegistrationSettings,
    /// The grants that are served beside the code flow.
    pub grants: GrantSettings,
    /// Which client metadata documents are taken.
    pub client_documents: ClientDocumentSettings,
    /// How clients prove themselves with a key.
    pub client_assertions: ClientAssertionSettings,
    /// How proofs of possession are judged.
    pub dpop: DpopSettings,
    /// The providers that a logout here leaves alone: the user stays signed in there.
    pub quiet_logout: BTreeSet<ProviderId>,
    /// How often things may be done.
    pub limits: LimitSettings,
    /// The providers of email domains, in lower case: a `login_hint` with such an address leads to them without a choice.
    pub login_domains: BTreeMap<String, ProviderId>,
    /// The page to which `error_uri` points; the error code is appended as the fragment.
    pub error_page: Option<String>,
}
