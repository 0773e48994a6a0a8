//! `[[clients]]`: clients that need not register.

use url::Url;
use vestibule_broker::settings::{ClientKeySettings, ConfiguredClient, GrantSettings, Resource};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{
    AuthMethod, ClientId, GrantType, RedirectClass, RedirectPolicy, RedirectUri, ResourceUri, Scope,
};

use super::dpop;
use super::secret::{Outside, SecretKeys, secret_keys};
use super::section::Section;

const SECRET: SecretKeys = secret_keys!("secret");

pub(super) fn read(
    root: &Section<'_>,
    resources: &[Resource],
    grants: &GrantSettings,
    redirects: RedirectPolicy,
    outside: &Outside<'_>,
) -> Vec<ConfiguredClient> {
    let mut clients: Vec<ConfiguredClient> = Vec::new();
    for section in root.tables("clients") {
        if let Some(client) = read_one(&section, resources, grants, redirects, outside) {
            if clients.iter().any(|earlier| earlier.id == client.id) {
                section.note(
                    "id",
                    format!("\"{}\" is there already; each client stands once", client.id),
                );
            }
            clients.push(client);
        }
        section.finish();
    }
    clients
}

fn read_one(
    section: &Section<'_>,
    resources: &[Resource],
    grants: &GrantSettings,
    redirects: RedirectPolicy,
    outside: &Outside<'_>,
) -> Option<ConfiguredClient> {
    let id: Option<ClientId> = section.required("id", "my-client");
    let name = section.text("name").map(str::to_owned);
    let secret = section.secret(SECRET, outside);
    let has_secret = SECRET.all().iter().any(|key| section.has(key));
    if secret.as_ref().is_some_and(|secret| secret.expose().len() < 8) {
        section.note(
            SECRET.inline,
            "is shorter than 8 characters; use a long random one",
        );
    }
    let keys = read_keys(section, outside);
    let has_keys = section.has("jwks_file") || section.has("jwks_uri");
    if has_secret && has_keys {
        section.note_all("has a secret and keys; a client proves itself in one way: leave one of them out");
    }
    let redirect_uris: Vec<RedirectUri> = section.parsed_list("redirect_uris").unwrap_or_default();
    for uri in &redirect_uris {
        if let Err(error) = redirects.validate(uri) {
            section.note("redirect_uris", format!("\"{uri}\" {error}"));
        }
    }
    let grant_types = read_grants(section, grants, !redirect_uris.is_empty());
    let needs_redirect = !section.has("introspects") && !section.has("grant_types")
        || grant_types.contains(&GrantType::AuthorizationCode);
    if needs_redirect && redirect_uris.is_empty() && !section.has("redirect_uris") {
        section.note(
            "redirect_uris",
            "is missing; say where codes may be sent, or for a resource server, introspects = [\"<its uri>\"]",
        );
    }
    let post_logout_redirect_uris = read_post_logout(section, redirects);
    let scopes = section
        .parsed_list::<Scope>("scopes")
        .map(|scopes| scopes.into_iter().collect());
    let introspects = read_introspects(section, resources, has_secret || has_keys);
    Some(ConfiguredClient {
        id: id?,
        name,
        auth_method: if has_secret {
            AuthMethod::ClientSecretBasic
        } else if has_keys {
            AuthMethod::PrivateKeyJwt
        } else {
            AuthMethod::None
        },
        secret,
        keys,
        redirect_uris,
        post_logout_redirect_uris,
        must_push: section
            .flag("require_pushed_authorization_requests")
            .unwrap_or(false),
        dpop: dpop::binding(section, "dpop_bound_access_tokens"),
        grant_types,
        scopes,
        introspects,
    })
}

/// The public keys of a client that authenticates with one: a file beside the configuration, or an address.
fn read_keys(section: &Section<'_>, outside: &Outside<'_>) -> Option<ClientKeySettings> {
    let file = section.text("jwks_file").map(|name| outside.folder.join(name));
    let place: Option<Url> = section.parsed("jwks_uri");
    if let (Some(_), Some(_)) = (&file, &place) {
        section.note("jwks_uri", "stands beside jwks_file; leave one of them out");
    }
    if let Some(place) = place {
        if place.scheme() != "https" {
            section.note("jwks_uri", "is not https; keys are read over TLS only");
        }
        return Some(ClientKeySettings::At(place));
    }
    let keys = std::fs::read(file?)
        .map_err(|error| error.to_string())
        .and_then(|json| KeySet::parse(&json).map_err(|error| error.to_string()))
        .inspect_err(|error| section.note("jwks_file", format!("is no key set: {error}")))
        .ok()?;
    if keys.is_empty() {
        section.note("jwks_file", "has no key that signatures can be verified with");
    }
    Some(ClientKeySettings::Here(keys))
}

fn read_post_logout(section: &Section<'_>, redirects: RedirectPolicy) -> Vec<RedirectUri> {
    let key = "post_logout_redirect_uris";
    let uris: Vec<RedirectUri> = section.parsed_list(key).unwrap_or_default();
    for uri in &uris {
        if let Err(error) = redirects.validate(uri) {
            section.note(key, format!("\"{uri}\" {error}"));
        }
        if uri.class() == RedirectClass::OutOfBand {
            section.note(
                key,
                format!("\"{uri}\" leads nowhere; write an address of the app's"),
            );
        }
    }
    uris
}

fn read_grants(section: &Section<'_>, grants: &GrantSettings, redirects: bool) -> Vec<GrantType> {
    let Some(names) = section.texts("grant_types") else {
        let people = [GrantType::AuthorizationCode, GrantType::RefreshToken];
        return if redirects { people.to_vec() } else { Vec::new() };
    };
    let served = grants.served();
    names
        .into_iter()
        .filter_map(|name| {
            let grant = GrantType::parse(name).filter(|grant| served.contains(grant));
            if grant.is_none() {
                section.note(
                    "grant_types",
                    format!(
                        "\"{name}\" is not a grant served here; write one of {}, or switch it on in [grants]",
                        listed(&served)
                    ),
                );
            }
            grant
        })
        .collect()
}

fn listed(grants: &[GrantType]) -> String {
    let names: Vec<&str> = grants.iter().map(|grant| grant.as_str()).collect();
    names.join(", ")
}

fn read_introspects(section: &Section<'_>, resources: &[Resource], is_proven: bool) -> Vec<ResourceUri> {
    let named: Vec<ResourceUri> = section.parsed_list("introspects").unwrap_or_default();
    if !named.is_empty() && !is_proven {
        section.note(
            "introspects",
            "needs a secret or keys; a client that anybody can pretend to be is told nothing",
        );
    }
    named
        .into_iter()
        .filter_map(|uri| {
            let known = resources.iter().find(|resource| resource.uri.same_resource(&uri));
            if known.is_none() {
                section.note("introspects", format!("\"{uri}\" is none of the [[resources]]"));
            }
            known.map(|resource| resource.uri.clone())
        })
        .collect()
}
