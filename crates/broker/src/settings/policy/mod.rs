//! Which user may have which scopes.

mod explain;
mod rule;

pub(super) use explain::giver;
pub use explain::{Explanation, Giver, Missed, Source};
pub use rule::{Condition, Rule};

use vestibule_protocol::{ClientId, ScopeSet};
use vestibule_provider::Identity;

use super::Resource;

/// The operator's rules. Scopes add up: a user has what any rule gives, what the provider itself granted, and whatever narrower
/// scopes come with those.
///
/// Without any rule, a user whose provider grants no scopes has each resource's default scopes.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The rules, in the order in which they were written.
    pub rules: Vec<Rule>,
}

/// Whom policy judges, and where.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    identity: &'a Identity,
    client: &'a ClientId,
    resource: &'a Resource,
}

impl Policy {
    /// The scopes of `resource` that `identity` may let `client` have.
    pub fn allowed(&self, identity: &Identity, client: &ClientId, resource: &Resource) -> ScopeSet {
        let case = Case {
            identity,
            client,
            resource,
        };
        let fitting = self.rules.iter().filter(|rule| rule.unmet(case).next().is_none());
        let given = fitting.fold(self.without_rules(case).1, |given, rule| {
            given.union(&rule.scopes)
        });
        resource
            .with_implied(&given)
            .intersection(&resource.known_scopes())
    }

    /// What the user has whatever the rules say, and from where.
    fn without_rules(&self, case: Case<'_>) -> (Source, ScopeSet) {
        match &case.identity.scopes {
            Some(own) => (Source::Provider, own.clone()),
            None if self.rules.is_empty() => (Source::Default, case.resource.default_scopes.clone()),
            None => (Source::Provider, ScopeSet::default()),
        }
    }
}

#[cfg(test)]
mod tests;
