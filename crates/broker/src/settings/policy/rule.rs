//! A rule, and whom it fits.

use std::fmt;

use vestibule_protocol::{ClientId, ProviderId, ResourceUri, ScopeSet, Subject};
use vestibule_provider::Identity;

use super::Case;

/// Gives scopes to the users whom every condition fits.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Users of this provider.
    pub provider: Option<ProviderId>,
    /// This user alone.
    pub subject: Option<Subject>,
    /// Users with a verified address in this domain.
    pub email_domain: Option<String>,
    /// Users in this group.
    pub group: Option<String>,
    /// Users with this role.
    pub role: Option<String>,
    /// Through this client; through every one when absent.
    pub client: Option<ClientId>,
    /// At this resource; at every one when absent.
    pub resource: Option<ResourceUri>,
    /// The scopes given.
    pub scopes: ScopeSet,
}

/// A condition of a rule, shown as the operator writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Users of this provider.
    Provider(&'a ProviderId),
    /// This user alone.
    Subject(&'a Subject),
    /// Users with a verified address in this domain.
    EmailDomain(&'a str),
    /// Users in this group.
    Group(&'a str),
    /// Users with this role.
    Role(&'a str),
    /// Through this client.
    Client(&'a ClientId),
    /// At this resource.
    Resource(&'a ResourceUri),
}

impl Rule {
    /// The rule's conditions.
    fn conditions(&self) -> impl Iterator<Item = Condition<'_>> {
        [
            self.provider.as_ref().map(Condition::Provider),
            self.subject.as_ref().map(Condition::Subject),
            self.email_domain.as_deref().map(Condition::EmailDomain),
            self.group.as_deref().map(Condition::Group),
            self.role.as_deref().map(Condition::Role),
            self.client.as_ref().map(Condition::Client),
            self.resource.as_ref().map(Condition::Resource),
        ]
        .into_iter()
        .flatten()
    }

    /// The conditions that do not fit.
    pub(super) fn unmet<'a>(&'a self, case: Case<'a>) -> impl Iterator<Item = Condition<'a>> {
        self.conditions().filter(move |condition| !condition.fits(case))
    }
}

impl Condition<'_> {
    fn fits(self, case: Case<'_>) -> bool {
        let Case {
            identity,
            client,
            resource,
        } = case;
        let holds = |held: &[String], wanted: &str| held.iter().any(|own| own == wanted);
        match self {
            Self::Provider(provider) => identity.provider == *provider,
            Self::Subject(subject) => identity.subject == *subject,
            Self::EmailDomain(domain) => has_domain(identity, domain),
            Self::Group(group) => holds(&identity.groups, group),
            Self::Role(role) => holds(&identity.roles, role),
            Self::Client(wanted) => client == wanted,
            Self::Resource(uri) => resource.uri.same_resource(uri),
        }
    }
}

fn has_domain(identity: &Identity, domain: &str) -> bool {
    identity
        .verified_email()
        .and_then(|email| email.rsplit_once('@'))
        .is_some_and(|(_, host)| host.eq_ignore_ascii_case(domain))
}

impl fmt::Display for Condition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, value) = match self {
            Self::Provider(provider) => ("provider", provider.as_str()),
            Self::Subject(subject) => ("subject", subject.as_str()),
            Self::EmailDomain(domain) => ("email_domain", *domain),
            Self::Group(group) => ("group", *group),
            Self::Role(role) => ("role", *role),
            Self::Client(client) => ("client", client.as_str()),
            Self::Resource(uri) => ("resource", uri.as_str()),
        };
        write!(f, "{key} = {value:?}")
    }
}
