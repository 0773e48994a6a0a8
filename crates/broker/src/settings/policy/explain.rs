//! Why a user has a scope, or has it not.

use vestibule_protocol::{ClientId, Scope, ScopeSet};
use vestibule_provider::Identity;

use super::{Case, Condition, Policy};
use crate::settings::Resource;

/// Why policy gives a scope, or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// Everything that gives it; nothing does if there is none.
    pub given: Vec<Giver>,
    /// The rules that would give it to somebody else.
    pub missed: Vec<Missed<'a>>,
}

/// What gives a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// Where it is given.
    pub source: Source,
    /// The broader scope that is given there, and with which this one comes.
    pub through: Option<Scope>,
}

/// Where scopes are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The provider grants them itself.
    Provider,
    /// There is no rule, so they are the resource's default ones.
    Default,
    /// The rule of this number; the first is 1.
    Rule(usize),
    /// The rule of this number of those that let clients come by themselves; the first is 1.
    ClientRule(usize),
}

/// A rule that gives a scope, but not to this user, not through this client or not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed<'a> {
    /// The rule's number; the first is 1.
    pub rule: usize,
    /// What does not fit.
    pub unmet: Vec<Condition<'a>>,
}

impl Policy {
    /// Says why `identity` may let `client` have `scope` at `resource`, or why not.
    pub fn explain<'a>(
        &'a self,
        identity: &'a Identity,
        client: &'a ClientId,
        resource: &'a Resource,
        scope: &Scope,
    ) -> Explanation<'a> {
        let case = Case {
            identity,
            client,
            resource,
        };
        let (source, held) = self.without_rules(case);
        let mut given = Vec::from_iter(giver(source, &held, resource, scope));
        let mut missed = Vec::new();
        for (number, rule) in (1..).zip(&self.rules) {
            let Some(by_rule) = giver(Source::Rule(number), &rule.scopes, resource, scope) else {
                continue;
            };
            let unmet: Vec<Condition<'_>> = rule.unmet(case).collect();
            if unmet.is_empty() {
                given.push(by_rule);
            } else {
                missed.push(Missed { rule: number, unmet });
            }
        }
        Explanation { given, missed }
    }
}

/// Whether `scopes` give `scope`: by name, or as one that comes with a broader one.
pub(in crate::settings) fn giver(
    source: Source,
    scopes: &ScopeSet,
    resource: &Resource,
    scope: &Scope,
) -> Option<Giver> {
    if !resource.known_scopes().contains(scope.as_str()) {
        return None;
    }
    if scopes.contains(scope.as_str()) {
        return Some(Giver {
            source,
            through: None,
        });
    }
    let implies = |broad: &&Scope| {
        let alone: ScopeSet = [Scope::clone(broad)].into_iter().collect();
        resource.with_implied(&alone).contains(scope.as_str())
    };
    let through = scopes.iter().find(implies)?;
    Some(Giver {
        source,
        through: Some(through.clone()),
    })
}
