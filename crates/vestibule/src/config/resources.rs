//! `[[resources]]`: the MCP servers that tokens are issued for.

use vestibule_broker::settings::{Resource, ScopeText};
use vestibule_protocol::{ProviderId, ResourceUri, Scope, ScopeSet};

use super::dpop;
use super::providers::ProviderConfig;
use super::section::Section;

pub(super) fn read(root: &Section<'_>, providers: &[ProviderConfig]) -> (Vec<Resource>, Option<ResourceUri>) {
    let mut resources: Vec<Resource> = Vec::new();
    let mut default: Option<ResourceUri> = None;
    let sections = root.tables("resources");
    if sections.is_empty() {
        root.note("resources", "is missing; name at least one MCP server: [[resources]] with uri = \"https://mcp.example.com/mcp\"");
    }
    for section in sections {
        let is_default = section.flag("default").unwrap_or(false);
        let resource = read_one(&section, providers);
        if let Some(resource) = resource {
            if resources
                .iter()
                .any(|earlier| earlier.uri.same_resource(&resource.uri))
            {
                section.note(
                    "uri",
                    format!("{} is there already; each MCP server stands once", resource.uri),
                );
            }
            if is_default && default.replace(resource.uri.clone()).is_some() {
                section.note(
                    "default",
                    "is true for two MCP servers; only one can be meant when a request names none",
                );
            }
            resources.push(resource);
        }
        section.finish();
    }
    (resources, default)
}

fn read_one(section: &Section<'_>, configured: &[ProviderConfig]) -> Option<Resource> {
    let uri: Option<ResourceUri> = section.required("uri", "https://mcp.example.com/mcp");
    let name = section.text("name").map(str::to_owned);
    let access_token_lifetime = section.duration("access_token");
    let providers = read_providers(section, configured);
    let dpop = dpop::binding(section, "dpop_bound_access_tokens_required");
    let mut scopes = read_scopes(section);
    read_implied(&section.table("implies"), &mut scopes);
    let default_scopes = read_default_scopes(section, &scopes);
    let uri = uri?;
    Some(Resource {
        name: name.unwrap_or_else(|| uri.authority().to_owned()),
        uri,
        scopes,
        default_scopes: default_scopes?,
        access_token_lifetime,
        providers,
        dpop,
    })
}

/// The providers whose users may come; all, if the operator does not say.
fn read_providers(section: &Section<'_>, configured: &[ProviderConfig]) -> Option<Vec<ProviderId>> {
    let named = section.parsed_list::<ProviderId>("providers")?;
    if named.is_empty() {
        section.note(
            "providers",
            "is empty, so nobody could come; name at least one of the [providers], or leave the key out",
        );
    }
    for provider in &named {
        if !configured.iter().any(|known| known.id == *provider) {
            section.note("providers", format!("\"{provider}\" is none of the [providers]"));
        }
    }
    Some(named)
}

fn read_scopes(section: &Section<'_>) -> Vec<ScopeText> {
    let table = section.table("scopes");
    let mut scopes = Vec::new();
    for (name, text) in table.named_texts() {
        if Scope::identity().contains(name) {
            table.note(
                name,
                "is a scope that every server knows; it belongs to no MCP server: remove it",
            );
            continue;
        }
        match Scope::parse(name) {
            Ok(scope) => scopes.push(ScopeText {
                scope,
                text: text.to_owned(),
                implies: ScopeSet::default(),
            }),
            Err(error) => table.note(name, format!("is not a scope: {error}")),
        }
    }
    if scopes.is_empty() && !table.is_present() {
        section.note(
            "scopes",
            "is missing; name each scope with a sentence for the consent page: [resources.scopes] with \"mcp:read\" = \"Read your data\"",
        );
    }
    scopes
}

/// The narrower scopes that come with a broad one.
fn read_implied(table: &Section<'_>, scopes: &mut [ScopeText]) {
    let known: ScopeSet = scopes.iter().map(|known| known.scope.clone()).collect();
    for (name, text) in table.named_texts() {
        let implied = match ScopeSet::parse(text) {
            Ok(implied) => implied,
            Err(error) => {
                table.note(name, format!("is not a list of scopes: {error}"));
                continue;
            }
        };
        let unknown = implied.difference(&known);
        if !unknown.is_empty() {
            table.note(
                name,
                format!("names scopes that [resources.scopes] does not: {unknown}"),
            );
        } else if implied.is_empty() {
            table.note(
                name,
                "is empty; name the scopes that come with it, or leave it out",
            );
        }
        match scopes.iter_mut().find(|known| known.scope.as_str() == name) {
            Some(broad) => broad.implies = implied,
            None => table.note(name, "is none of [resources.scopes]"),
        }
    }
}

/// What a request without `scope` asks for: all scopes, if the operator does not say.
fn read_default_scopes(section: &Section<'_>, scopes: &[ScopeText]) -> Option<ScopeSet> {
    let known: ScopeSet = scopes.iter().map(|known| known.scope.clone()).collect();
    let Some(named) = section.parsed_list::<Scope>("default_scopes") else {
        return (!section.has("default_scopes")).then_some(known);
    };
    let named: ScopeSet = named.into_iter().collect();
    let unknown = named.difference(&known);
    if !unknown.is_empty() {
        section.note(
            "default_scopes",
            format!("names scopes that [resources.scopes] does not: {unknown}"),
        );
    } else if named.is_empty() {
        section.note(
            "default_scopes",
            "is empty; a token with no scope is of no use: name at least one",
        );
    }
    Some(named)
}
