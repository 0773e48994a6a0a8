//! `kind = "oidc"`: any OpenID Connect issuer.

use vestibule_provider::ProviderError;
use vestibule_provider_oidc::{Credential, Logout, OidcSettings, Preset, TokenAuthMethod};
use vestibule_upstream_oidc::{
    Assertion, AssertionType, ClaimPath, ClientKey, EmailTrust, FreshLogin, Pushing, ResponseMode,
    SigningAlgorithm,
};

use super::{Entry, ProviderKind};
use crate::config::secret::{SecretKeys, secret_keys};
use crate::config::section::Section;

const CLIENT_SECRET: SecretKeys = secret_keys!("client_secret");
const PRIVATE_KEY: SecretKeys = secret_keys!("private_key");

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let section = &entry.section;
    let preset = read_preset(section);
    let issuer = read_issuer(entry, preset);
    let client_id = entry.required_text_or_env("client_id", &["OIDC_CLIENT_ID"], "the client's id");
    let credential = read_credential(entry);
    let placeholder = OidcSettings::new(preset, "", "", Credential::None);
    let rest = OidcSettings {
        token_auth_method: word(section, "token_auth_method", TOKEN_AUTH_METHODS),
        scopes: owned(section.texts("scopes")),
        subject_claims: section.parsed_list("subject_claim"),
        name_claim: section.parsed::<ClaimPath>("name_claim"),
        username_claim: section.parsed("username_claim"),
        email_claim: section.parsed("email_claim"),
        groups_claim: section.parsed("groups_claim"),
        roles_claim: section.parsed("roles_claim"),
        email_trust: word(section, "trust_email", EMAIL_TRUSTS),
        extra_params: section
            .table("extra_params")
            .named_texts()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        allowed_tenants: owned(section.texts("allowed_tenants")).unwrap_or_default(),
        hosted_domains: owned(section.texts("hosted_domain")).unwrap_or_default(),
        fresh_login: read_fresh_login(section),
        logout: word(section, "logout_style", LOGOUTS),
        response_mode: word(section, "response_mode", RESPONSE_MODES),
        pushing: match section.flag("par") {
            Some(true) => Pushing::Always,
            Some(false) | None => Pushing::WhereRequired,
        },
        id_token_algorithms: section.parsed_list::<SigningAlgorithm>("id_token_algorithms"),
        reach: entry.reach(),
        ..placeholder
    };
    let settings = OidcSettings {
        issuer: issuer?,
        client_id: client_id?,
        credential: credential?,
        ..rest
    };
    if let Err(ProviderError::Misconfigured(text)) = settings.check() {
        section.note_all(text);
    }
    Some(ProviderKind::Oidc(Box::new(settings)))
}

const TOKEN_AUTH_METHODS: &[(&str, TokenAuthMethod)] = &[
    ("client_secret_basic", TokenAuthMethod::Basic),
    ("client_secret_post", TokenAuthMethod::Post),
    ("private_key_jwt", TokenAuthMethod::PrivateKeyJwt),
    ("none", TokenAuthMethod::None),
];

const EMAIL_TRUSTS: &[(&str, EmailTrust)] = &[
    ("verified", EmailTrust::WhereVerified),
    ("never", EmailTrust::Never),
];

const LOGOUTS: &[(&str, Logout)] = &[
    ("oidc", Logout::Oidc),
    ("cognito", Logout::Cognito),
    ("none", Logout::None),
];

const RESPONSE_MODES: &[(&str, ResponseMode)] = &[
    ("query", ResponseMode::Query),
    ("form_post", ResponseMode::FormPost),
];

const ASSERTION_TYPES: &[(&str, AssertionType)] = &[
    ("client-authentication+jwt", AssertionType::Explicit),
    ("JWT", AssertionType::Plain),
];

/// One of a few words.
fn word<T: Copy>(section: &Section<'_>, key: &'static str, words: &[(&str, T)]) -> Option<T> {
    let text = section.text(key)?;
    let found = words.iter().find(|(known, _)| *known == text);
    if found.is_none() {
        let known: Vec<String> = words.iter().map(|(known, _)| format!("\"{known}\"")).collect();
        section.note(
            key,
            format!("\"{text}\" is not known here; write one of {}", known.join(", ")),
        );
    }
    found.map(|(_, value)| *value)
}

fn owned(texts: Option<Vec<&str>>) -> Option<Vec<String>> {
    texts.map(|texts| texts.into_iter().map(str::to_owned).collect())
}

fn read_preset(section: &Section<'_>) -> &'static Preset {
    let Some(name) = section.text("preset") else {
        return Preset::generic();
    };
    Preset::named(name).unwrap_or_else(|| {
        let known: Vec<String> = Preset::ALL
            .iter()
            .map(|preset| format!("\"{}\"", preset.word))
            .collect();
        section.note(
            "preset",
            format!(
                "\"{name}\" is not a preset; write one of {}, or leave it out",
                known.join(", ")
            ),
        );
        Preset::generic()
    })
}

/// The issuer of a preset that has only one goes before the environment, which may be about another provider.
fn read_issuer(entry: &Entry<'_>, preset: &Preset) -> Option<String> {
    match preset.issuer {
        Some(issuer) => Some(entry.section.text("issuer").unwrap_or(issuer).to_owned()),
        None => entry.required_text_or_env("issuer", &["OIDC_ISSUER"], preset.issuer_example),
    }
}

fn read_credential(entry: &Entry<'_>) -> Option<Credential> {
    let section = &entry.section;
    let key = section.secret(PRIVATE_KEY, entry.outside);
    let alg = section.text("private_key_alg");
    let kid = section.text("private_key_id");
    let team = section.text("team_id");
    let assertion = Assertion {
        kind: word(section, "client_assertion_type", ASSERTION_TYPES).unwrap_or_default(),
        audience: section.text("client_assertion_audience").map(str::to_owned),
    };
    let has_key = PRIVATE_KEY.all().iter().any(|name| section.has(name));
    // The environment's secret is no second one beside a key.
    let variables: &[&str] = if has_key { &[] } else { &["OIDC_CLIENT_SECRET"] };
    let secret = entry.secret_or_env(CLIENT_SECRET, variables);
    match (secret, key) {
        (Some(_), Some(_)) => {
            section.note("private_key", "stands beside client_secret; keep one of the two");
            None
        }
        (Some(secret), None) => Some(Credential::Secret(secret)),
        (None, Some(pem)) => {
            let key = ClientKey::from_pem(&pem, alg, kid)
                .inspect_err(|error| section.note("private_key", error.to_string()))
                .ok()?;
            Some(match team {
                Some(team) => Credential::TeamKey(key, team.to_owned()),
                None => Credential::Key(key, assertion),
            })
        }
        (None, None) if has_key || CLIENT_SECRET.all().iter().any(|name| section.has(name)) => None,
        (None, None) => Some(Credential::None),
    }
}

/// `"proven"`, or the `prompt` to send.
fn read_fresh_login(section: &Section<'_>) -> Option<FreshLogin> {
    Some(match section.text("fresh_login")? {
        "proven" => FreshLogin::Proven,
        prompt => FreshLogin::Asked(prompt.to_owned()),
    })
}

#[cfg(test)]
mod tests;
