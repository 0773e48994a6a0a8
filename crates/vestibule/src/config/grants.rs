//! `[grants]`: what the token endpoint serves beside the code flow.

use vestibule_broker::settings::{
    ConfiguredClient, DeviceCodeSettings, ExchangeRule, GrantSettings, Resource,
};
use vestibule_protocol::{ClientId, GrantType, ResourceUri, Scope, ScopeSet};

use super::section::Section;

pub(super) fn read(section: Section<'_>, resources: &[Resource]) -> GrantSettings {
    let settings = GrantSettings {
        device_code: read_device_code(section.table("device_code")),
        token_exchange: read_token_exchange(&section, resources),
        trusted_issuers: Vec::new(),
    };
    section.finish();
    settings
}

fn read_device_code(section: Section<'_>) -> Option<DeviceCodeSettings> {
    let mut settings = DeviceCodeSettings::default();
    let enabled = section.flag("enabled").unwrap_or(false);
    settings.lifetime = section.duration("lifetime").unwrap_or(settings.lifetime);
    settings.interval = section.duration("interval").unwrap_or(settings.interval);
    if settings.lifetime.as_secs() > 1800 {
        section.note(
            "lifetime",
            "is longer than half an hour, in which too many codes could be guessed; make it shorter",
        );
    }
    if settings.interval.as_secs() < 1 || settings.interval.as_secs() > 60 {
        section.note("interval", "is not between 1s and 60s");
    }
    section.finish();
    enabled.then_some(settings)
}

fn read_token_exchange(section: &Section<'_>, resources: &[Resource]) -> Vec<ExchangeRule> {
    let mut rules: Vec<ExchangeRule> = Vec::new();
    for entry in section.tables("token_exchange") {
        if let Some(rule) = read_exchange_rule(&entry, resources) {
            let same = |other: &ExchangeRule| other.client == rule.client && other.resource == rule.resource;
            if rules.iter().any(same) {
                entry.note("resource", "stands in two rules of one client; write one rule");
            }
            rules.push(rule);
        }
        entry.finish();
    }
    rules
}

fn read_exchange_rule(entry: &Section<'_>, resources: &[Resource]) -> Option<ExchangeRule> {
    let client: Option<ClientId> = entry.required("client", "notes-server");
    let uri: Option<ResourceUri> = entry.required("resource", "https://files.example.com/mcp");
    let scopes: ScopeSet = entry
        .parsed_list::<Scope>("scopes")
        .unwrap_or_default()
        .into_iter()
        .collect();
    if scopes.is_empty() {
        entry.note("scopes", "is missing; name what the server may do there");
    }
    let uri = uri?;
    let Some(resource) = resources.iter().find(|known| known.uri.same_resource(&uri)) else {
        entry.note("resource", format!("\"{uri}\" is none of the [[resources]]"));
        return None;
    };
    let unknown = scopes.difference(&resource.known_scopes());
    if !unknown.is_empty() {
        entry.note(
            "scopes",
            format!("names scopes that {uri} does not have: {unknown}"),
        );
    }
    Some(ExchangeRule {
        client: client?,
        resource: resource.uri.clone(),
        scopes,
    })
}

/// Whether each client that may exchange is one that can.
pub(super) fn check_exchangers(root: &Section<'_>, grants: &GrantSettings, clients: &[ConfiguredClient]) {
    for rule in &grants.token_exchange {
        let able = clients.iter().any(|client| {
            client.id == rule.client
                && !client.introspects.is_empty()
                && client.grant_types.contains(&GrantType::TokenExchange)
        });
        if !able {
            root.note(
                "grants",
                format!(
                    "[[grants.token_exchange]] names \"{}\", which is none of the [[clients]] that have a secret, introspects = […] and the \
                     grant type {}",
                    rule.client,
                    GrantType::TokenExchange.as_str()
                ),
            );
        }
    }
}
