//! `[trusted_issuers.<id>]`: whose assertions are taken for tokens.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use vestibule_broker::settings::{
    IssuerKeys, IssuerNetwork, Pattern, Resource, Reuse, Trust, TrustedIssuer, WorkloadRule,
};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{Issuer, ProviderId, ResourceUri, Scope, ScopeSet};

use super::providers::ProviderConfig;
use super::secret::Outside;
use super::section::Section;

/// The longest that an assertion may be good for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What the rest of the configuration says.
pub(super) struct Known<'a> {
    pub(super) issuer: Option<&'a Issuer>,
    pub(super) providers: &'a [ProviderConfig],
    pub(super) resources: &'a [Resource],
}

pub(super) fn read(section: &Section<'_>, known: &Known<'_>, outside: &Outside<'_>) -> Vec<TrustedIssuer> {
    let mut issuers: Vec<TrustedIssuer> = Vec::new();
    for (name, entry) in section.named_tables() {
        if let Some(issuer) = read_one(name, &entry, known, outside) {
            let users = |trusted: &TrustedIssuer| matches!(trusted.trust, Trust::Users { .. });
            let same =
                |other: &TrustedIssuer| other.issuer == issuer.issuer && users(other) == users(&issuer);
            if issuers.iter().any(same) {
                entry.note("issuer", "stands twice for one kind; each issuer stands once");
            }
            issuers.push(issuer);
        }
        entry.finish();
    }
    issuers
}

fn read_one(
    name: &str,
    entry: &Section<'_>,
    known: &Known<'_>,
    outside: &Outside<'_>,
) -> Option<TrustedIssuer> {
    let id = ProviderId::parse(name)
        .inspect_err(|error| entry.note_all(format!("\"{name}\": {error}")))
        .ok();
    let issuer = entry.required_text("issuer", "https://id.example.com");
    let keys = read_keys(entry, issuer, outside);
    let kind = entry.required_text("kind", "users");
    let (trust, usual) = match kind {
        Some("users") => (read_users(entry, known), Duration::from_secs(10 * 60)),
        Some("workloads") => {
            check_name(name, entry, known);
            (read_workloads(entry, known), Duration::from_secs(60 * 60))
        }
        Some(other) => {
            entry.note(
                "kind",
                format!("\"{other}\" is not known; write \"users\" or \"workloads\""),
            );
            return None;
        }
        None => return None,
    };
    let longest = entry.duration("longest").unwrap_or(usual);
    if longest > LONGEST {
        entry.note("longest", "is longer than a day; make it shorter");
    }
    Some(TrustedIssuer {
        id: id?,
        issuer: issuer?.to_owned(),
        keys: keys?,
        longest,
        trust: trust?,
    })
}

/// A workload is called after its issuer, and must never be called as a user is.
fn check_name(name: &str, entry: &Section<'_>, known: &Known<'_>) {
    let taken = known
        .providers
        .iter()
        .any(|provider| provider.id.as_str() == name);
    if taken || ["http", "https", ProviderId::CLIENTS].contains(&name) {
        entry.note_all(format!(
            "\"{name}\" is what users or clients are called after; give the workloads' issuer another name"
        ));
    }
}

/// Where the keys are: at an address, in a file, or where the issuer's own metadata say.
fn read_keys(entry: &Section<'_>, issuer: Option<&str>, outside: &Outside<'_>) -> Option<IssuerKeys> {
    let uri: Option<Url> = entry.parsed("jwks_uri");
    let file = entry.text("jwks_file");
    let network = if entry.flag("allow_private_network").unwrap_or(false) {
        IssuerNetwork::AlsoPrivate
    } else {
        IssuerNetwork::Public
    };
    let fetched = |url: &Url| url.scheme() == "https" || network == IssuerNetwork::AlsoPrivate;
    match (uri, file) {
        (Some(_), Some(_)) => entry.note("jwks_file", "stands beside jwks_uri; keep one"),
        (Some(uri), None) => {
            if !fetched(&uri) {
                entry.note(
                    "jwks_uri",
                    "is not https, so that anybody on the way could put their keys there",
                );
            }
            return Some(IssuerKeys::At(uri, network));
        }
        (None, Some(file)) => match std::fs::read(outside.folder.join(file)) {
            Ok(bytes) => match KeySet::parse(&bytes) {
                Ok(keys) => return Some(IssuerKeys::Fixed(Arc::new(keys))),
                Err(error) => entry.note("jwks_file", format!("\"{file}\" {error}")),
            },
            Err(error) => entry.note("jwks_file", format!("\"{file}\" cannot be read: {error}")),
        },
        (None, None) if entry.has("jwks_uri") || entry.has("jwks_file") => {}
        (None, None) => match Url::parse(issuer?).ok().filter(fetched) {
            Some(issuer) if issuer.has_host() => return Some(IssuerKeys::Published(issuer, network)),
            Some(_) | None => entry.note(
                "jwks_uri",
                "is missing, and the issuer is no https address whose metadata could name it; write jwks_uri, or keep a copy of \
                 the keys in jwks_file",
            ),
        },
    }
    None
}

fn read_users(entry: &Section<'_>, known: &Known<'_>) -> Option<Trust> {
    let provider: ProviderId = entry.required("provider", "corp")?;
    if !known.providers.iter().any(|configured| configured.id == provider) {
        entry.note("provider", format!("\"{provider}\" is none of the [providers]"));
    }
    Some(Trust::Users { provider })
}

fn read_workloads(entry: &Section<'_>, known: &Known<'_>) -> Option<Trust> {
    let ours = known
        .issuer
        .map(|issuer| vec![issuer.to_string(), issuer.endpoint("/oauth/token")]);
    let audiences = entry
        .texts("audiences")
        .map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>());
    if audiences.as_ref().is_some_and(Vec::is_empty) {
        entry.note(
            "audiences",
            "is empty, so no assertion could be meant for this service; leave the key out",
        );
    }
    let reuse = match entry.flag("reuse") {
        Some(true) => Reuse::UntilItEnds,
        Some(false) | None => Reuse::Never,
    };
    let rules: Vec<WorkloadRule> = entry
        .tables("allow")
        .into_iter()
        .filter_map(|rule| {
            let read = read_rule(&rule, known.resources);
            rule.finish();
            read
        })
        .collect();
    if rules.is_empty() && !entry.has("allow") {
        entry.note(
            "allow",
            "is missing, so no workload would get anything; say which may do what",
        );
    }
    Some(Trust::Workloads {
        audiences: audiences.or(ours)?,
        reuse,
        rules,
    })
}

fn read_rule(rule: &Section<'_>, resources: &[Resource]) -> Option<WorkloadRule> {
    let subject: Option<Pattern> = rule.required("subject", "repo:acme/web:ref:refs/heads/main");
    let claims = rule.table("claims");
    let claims = claims
        .named_texts()
        .into_iter()
        .filter_map(|(name, text)| {
            let pattern = text.parse::<Pattern>();
            let pattern = pattern.inspect_err(|error| claims.note(name, format!("\"{text}\" {error}")));
            Some((name.to_owned(), pattern.ok()?))
        })
        .collect();
    let scopes: ScopeSet = rule
        .parsed_list::<Scope>("scopes")
        .unwrap_or_default()
        .into_iter()
        .collect();
    if scopes.is_empty() {
        rule.note("scopes", "is missing; name what the workload may do there");
    }
    let uri: ResourceUri = rule.required("resource", "https://mcp.example.com/mcp")?;
    let Some(resource) = resources.iter().find(|known| known.uri.same_resource(&uri)) else {
        rule.note("resource", format!("\"{uri}\" is none of the [[resources]]"));
        return None;
    };
    if resource.providers.is_some() {
        rule.note(
            "resource",
            format!("\"{uri}\" admits the users of some providers alone, and no workload"),
        );
    }
    let unknown = scopes.difference(&resource.known_scopes());
    if !unknown.is_empty() {
        rule.note(
            "scopes",
            format!("names scopes that {uri} does not have: {unknown}"),
        );
    }
    Some(WorkloadRule {
        subject: subject?,
        claims,
        resource: resource.uri.clone(),
        scopes,
    })
}

#[cfg(test)]
mod tests;
