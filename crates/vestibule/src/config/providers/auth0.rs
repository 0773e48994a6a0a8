//! `kind = "auth0"`.

use vestibule_provider_auth0::{Api, Auth0Settings, Organization, Permissions};
use vestibule_upstream_oidc::{Assertion, AssertionType, ClientAuth, ClientKey, SecretMethod};

use super::{Entry, ProviderKind};
use crate::config::secret::{SecretKeys, secret_keys};

const SECRET: SecretKeys = secret_keys!("client_secret");
const KEY: SecretKeys = secret_keys!("private_key");

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let section = &entry.section;
    let domain = entry.required_or_env(
        "domain",
        &["AUTH0_DOMAIN", "ISSUER_BASE_URL"],
        "example.eu.auth0.com",
    );
    let client_id = entry.required_text_or_env(
        "client_id",
        &["AUTH0_CLIENT_ID"],
        "what the application's settings show",
    );
    let client_auth = read_client_auth(entry);
    let api = read_api(entry);
    let organization = section.text("organization").map(Organization::parse);
    let connection = section.text("connection").map(str::to_owned);
    let scopes = section.texts("scopes");
    let groups_claim = section.parsed("groups_claim");
    let roles_claim = section.parsed("roles_claim");
    let extra_params = section.table("extra_params").named_texts();
    let reach = entry.reach();
    let mut settings = Auth0Settings::new(domain?, client_id?, client_auth?);
    settings.api = api;
    settings.organization = organization;
    settings.connection = connection;
    if let Some(scopes) = scopes {
        settings.scopes = scopes.into_iter().map(str::to_owned).collect();
    }
    settings.groups_claim = groups_claim;
    settings.roles_claim = roles_claim;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    settings.extra_params = extra_params.into_iter().map(owned).collect();
    settings.reach = reach;
    Some(ProviderKind::Auth0(Box::new(settings)))
}

/// A secret or a private key; the environment fills in one only where the file has neither.
fn read_client_auth(entry: &Entry<'_>) -> Option<ClientAuth> {
    let section = &entry.section;
    let has = |keys: SecretKeys| keys.all().iter().any(|key| section.has(key));
    let (has_secret, has_key) = (has(SECRET), has(KEY));
    if has_secret && has_key {
        section.note(KEY.inline, "stands beside client_secret; keep one of the two");
    }
    let method = read_method(entry);
    let of_environment =
        |allowed: bool, variable: &'static str| if allowed { vec![variable] } else { Vec::new() };
    let secret = entry.secret_or_env(SECRET, &of_environment(!has_key, "AUTH0_CLIENT_SECRET"));
    let key_wanted = !has_secret && secret.is_none();
    let key = entry.secret_or_env(
        KEY,
        &of_environment(key_wanted, "AUTH0_CLIENT_ASSERTION_SIGNING_KEY"),
    );
    let alg = entry.text_or_env(
        "private_key_alg",
        &of_environment(key.is_some(), "AUTH0_CLIENT_ASSERTION_SIGNING_ALG"),
    );
    let kid = section.text("private_key_id");
    match (secret, key) {
        (Some(secret), _) => Some(ClientAuth::Secret {
            secret,
            method: Some(method),
        }),
        (None, Some(pem)) => {
            let key = ClientKey::from_pem(&pem, alg.as_deref(), kid);
            let key = key
                .inspect_err(|error| section.note(KEY.inline, error.to_string()))
                .ok()?;
            Some(ClientAuth::PrivateKeyJwt {
                key,
                assertion: Assertion {
                    kind: AssertionType::Plain,
                    audience: None,
                },
            })
        }
        (None, None) => {
            if !has_secret && !has_key {
                section.note(
                    SECRET.inline,
                    "is missing; write client_secret_env = \"AUTH0_CLIENT_SECRET\", client_secret_file, or private_key_file, or \
                     set AUTH0_CLIENT_SECRET in the environment",
                );
            }
            None
        }
    }
}

/// The form is what Auth0 sets up for a Regular Web Application.
fn read_method(entry: &Entry<'_>) -> SecretMethod {
    match entry.section.text("token_auth_method") {
        None | Some("client_secret_post") => SecretMethod::Post,
        Some("client_secret_basic") => SecretMethod::Basic,
        Some(other) => {
            entry.section.note(
                "token_auth_method",
                format!("\"{other}\" is none of client_secret_post and client_secret_basic"),
            );
            SecretMethod::Post
        }
    }
}

fn read_api(entry: &Entry<'_>) -> Option<Api> {
    let audience = entry.text_or_env("audience", &["AUTH0_AUDIENCE"]);
    let permissions = match entry.section.flag("read_access_token_claims") {
        Some(true) => Permissions::AreScopes,
        Some(false) | None => Permissions::Ignored,
    };
    if audience.is_none() && permissions == Permissions::AreScopes {
        entry.section.note(
            "read_access_token_claims",
            "needs audience: without an API the access token has no claims to read",
        );
    }
    audience.map(|audience| Api {
        audience,
        permissions,
    })
}

#[cfg(test)]
mod tests;
