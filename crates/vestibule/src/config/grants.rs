//! `[grants]`: what the token endpoint serves beside the code flow.

use vestibule_broker::settings::{
    ClientDocumentSettings, ClientRule, ConfiguredClient, DeviceCodeSettings, GrantSettings, Resource,
};
use vestibule_protocol::{
    AuthMethod, ClientDocumentUrl, ClientId, GrantType, ResourceUri, Scope, ScopeSet, Subject,
};

use super::section::Section;

pub(super) fn read(section: Section<'_>, resources: &[Resource]) -> GrantSettings {
    let settings = GrantSettings {
        device_code: read_device_code(section.table("device_code")),
        client_credentials: read_rules(&section, "client_credentials", Whose::ItsOwn, resources),
        token_exchange: read_rules(&section, "token_exchange", Whose::ItsUsers, resources),
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

/// For whom a client is let in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    ItsOwn,
    ItsUsers,
}

fn read_rules(
    section: &Section<'_>,
    grant: &'static str,
    whose: Whose,
    resources: &[Resource],
) -> Vec<ClientRule> {
    let mut rules: Vec<ClientRule> = Vec::new();
    for entry in section.tables(grant) {
        if let Some(rule) = read_rule(&entry, whose, resources) {
            let same = |other: &ClientRule| other.client == rule.client && other.resource == rule.resource;
            if rules.iter().any(same) {
                entry.note("resource", "stands in two rules of one client; write one rule");
            }
            rules.push(rule);
        }
        entry.finish();
    }
    rules
}

fn read_rule(entry: &Section<'_>, whose: Whose, resources: &[Resource]) -> Option<ClientRule> {
    let client: Option<ClientId> = entry.required("client", "notes-server");
    let uri: Option<ResourceUri> = entry.required("resource", "https://files.example.com/mcp");
    let scopes: ScopeSet = entry
        .parsed_list::<Scope>("scopes")
        .unwrap_or_default()
        .into_iter()
        .collect();
    if scopes.is_empty() {
        entry.note("scopes", "is missing; name what the client may do there");
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
    if whose == Whose::ItsOwn && resource.providers.is_some() {
        entry.note(
            "resource",
            format!("\"{uri}\" admits the users of some providers alone, and no client by itself"),
        );
    }
    Some(ClientRule {
        client: client?,
        resource: resource.uri.clone(),
        scopes,
    })
}

/// Whether each client that may come by itself is one that can: known here or by its document, or registered, which nobody can tell
/// before it asks.
pub(super) fn check_services(
    root: &Section<'_>,
    grants: &GrantSettings,
    clients: &[ConfiguredClient],
    documents: &ClientDocumentSettings,
) {
    for rule in &grants.client_credentials {
        let id = &rule.client;
        let fault = match clients.iter().find(|client| client.id == *id) {
            _ if Subject::of_client(id).is_err() => Some("is too long to be the subject of a token"),
            Some(known) if known.auth_method == AuthMethod::None => {
                Some("is one of the [[clients]] without a secret or keys, as which anybody could come")
            }
            Some(known) if !known.grant_types.contains(&GrantType::ClientCredentials) => {
                Some("is one of the [[clients]] without \"client_credentials\" among its grant_types")
            }
            Some(_) => None,
            None if ClientDocumentUrl::is_meant_by(id) => {
                let taken =
                    ClientDocumentUrl::parse(id, documents.hosts).is_ok_and(|url| documents.admits(&url));
                (!documents.enabled || !taken)
                    .then_some("is a document that [client_documents] does not let in")
            }
            None => (!id.is_registered_form()).then_some(
                "is none of the [[clients]], no document's address, and no id that registration gives",
            ),
        };
        if let Some(fault) = fault {
            root.note(
                "grants",
                format!("[[grants.client_credentials]] names \"{id}\", which {fault}"),
            );
        }
    }
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

#[cfg(test)]
mod tests;
