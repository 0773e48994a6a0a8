//! Which user may have which scopes.

use vestibule_protocol::{ProviderId, ResourceUri, ScopeSet, Subject};
use vestibule_provider::Identity;

use super::Resource;

/// The operator's rules. Scopes add up: a user has what any rule gives, and what the provider itself granted.
///
/// Without any rule, a user whose provider grants no scopes has each resource's default scopes.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The rules, in the order in which they were written.
    pub rules: Vec<Rule>,
}

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
    /// At this resource; at every one when absent.
    pub resource: Option<ResourceUri>,
    /// The scopes given.
    pub scopes: ScopeSet,
}

impl Policy {
    /// The scopes of `resource` that `identity` may have.
    pub fn allowed(&self, identity: &Identity, resource: &Resource) -> ScopeSet {
        let own = identity.scopes.clone();
        let given = match (&own, self.rules.is_empty()) {
            (None, true) => resource.default_scopes.clone(),
            _ => own.unwrap_or_default(),
        };
        let known = resource.known_scopes();
        self.rules
            .iter()
            .filter(|rule| rule.fits(identity, resource))
            .fold(given, |given, rule| given.union(&rule.scopes))
            .intersection(&known)
    }
}

impl Rule {
    fn fits(&self, identity: &Identity, resource: &Resource) -> bool {
        let wants = |condition: &Option<String>, held: &[String]| {
            condition.as_ref().is_none_or(|wanted| held.contains(wanted))
        };
        self.provider
            .as_ref()
            .is_none_or(|provider| *provider == identity.provider)
            && self
                .subject
                .as_ref()
                .is_none_or(|subject| *subject == identity.subject)
            && self
                .email_domain
                .as_deref()
                .is_none_or(|domain| has_domain(identity, domain))
            && wants(&self.group, &identity.groups)
            && wants(&self.role, &identity.roles)
            && self
                .resource
                .as_ref()
                .is_none_or(|uri| uri.same_resource(&resource.uri))
    }
}

fn has_domain(identity: &Identity, domain: &str) -> bool {
    identity
        .verified_email()
        .and_then(|email| email.rsplit_once('@'))
        .is_some_and(|(_, host)| host.eq_ignore_ascii_case(domain))
}
