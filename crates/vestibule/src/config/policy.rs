//! `[policy]`: which user may have which scopes.

use vestibule_broker::settings::{Policy, Resource, Rule};
use vestibule_protocol::{Scope, ScopeSet};

use super::providers::ProviderConfig;
use super::section::Section;

pub(super) fn read(section: Section<'_>, resources: &[Resource], providers: &[ProviderConfig]) -> Policy {
    let mut rules = Vec::new();
    for rule in section.tables("rules") {
        rules.push(read_rule(&rule, resources, providers));
        rule.finish();
    }
    section.finish();
    Policy { rules }
}

fn read_rule(section: &Section<'_>, resources: &[Resource], providers: &[ProviderConfig]) -> Rule {
    let rule = Rule {
        provider: section.parsed("provider"),
        subject: section.parsed("subject"),
        email_domain: section.text("email_domain").map(str::to_owned),
        group: section.text("group").map(str::to_owned),
        role: section.text("role").map(str::to_owned),
        client: section.parsed("client"),
        resource: section.parsed("resource"),
        scopes: section
            .parsed_list::<Scope>("scopes")
            .unwrap_or_default()
            .into_iter()
            .collect(),
    };
    if let Some(provider) = &rule.provider
        && !providers.iter().any(|known| known.id == *provider)
    {
        section.note("provider", format!("\"{provider}\" is none of the [providers]"));
    }
    let reached: Vec<&Resource> = match &rule.resource {
        None => resources.iter().collect(),
        Some(uri) => resources
            .iter()
            .filter(|resource| resource.uri.same_resource(uri))
            .collect(),
    };
    if let Some(uri) = rule.resource.as_ref().filter(|_| reached.is_empty()) {
        section.note("resource", format!("\"{uri}\" is none of the [[resources]]"));
    }
    let known: ScopeSet = reached.iter().fold(ScopeSet::default(), |known, resource| {
        known.union(&resource.known_scopes())
    });
    let unknown = rule.scopes.difference(&known);
    if !section.has("scopes") {
        section.note(
            "scopes",
            "is missing; a rule gives scopes: scopes = [\"mcp:read\"]",
        );
    } else if !unknown.is_empty() && !reached.is_empty() {
        section.note(
            "scopes",
            format!("names scopes that no such MCP server has: {unknown}"),
        );
    }
    rule
}
