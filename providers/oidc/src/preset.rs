//! What is known of some providers beforehand.

use vestibule_upstream_oidc::{EmailTrust, ResponseMode};

use crate::Logout;

/// One provider's defaults.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// What stands in `preset`.
    pub word: &'static str,
    /// What people call the provider.
    pub name: &'static str,
    /// The issuer, where it is the same for everybody.
    pub issuer: Option<&'static str>,
    /// How an issuer looks, for the sentence that says that it is missing.
    pub issuer_example: &'static str,
    /// Other names by which the issuer calls itself.
    pub issuer_aliases: &'static [&'static str],
    /// Whether one issuer may stand for many tenants.
    pub tenancy: Tenancy,
    /// What the request for the discovery document carries.
    pub discovery: Discovery,
    /// The scopes to ask for.
    pub scopes: &'static [&'static str],
    /// More parameters for the authorization request.
    pub params: &'static [(&'static str, &'static str)],
    /// The claims that are the subject.
    pub subject: &'static [&'static str],
    /// Where the groups stand.
    pub groups: Option<&'static str>,
    /// Where the roles stand.
    pub roles: Option<&'static str>,
    /// When an email address counts.
    pub email_trust: EmailTrust,
    /// The `prompt` that makes users log in again, where the provider sends no `auth_time` to prove it.
    pub fresh_login_prompt: Option<&'static str>,
    /// How the answer comes back.
    pub response_mode: ResponseMode,
    /// How the browser leaves.
    pub logout: Logout,
    /// `aud` of a client secret that the client signs itself.
    pub signed_secret_audience: Option<&'static str>,
}

/// Whether one issuer may stand for many tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// It does not.
    Single,
    /// It may, and each token's `tid` says which.
    ByTid,
}

/// What the request for the discovery document carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// Nothing.
    Plain,
    /// `client_id`, for a provider whose issuer depends on the client.
    ForClient,
}

/// An issuer that keeps to the book.
const PLAIN: Preset = Preset {
    word: "generic",
    name: "your identity provider",
    issuer: None,
    issuer_example: "https://id.example.com",
    issuer_aliases: &[],
    tenancy: Tenancy::Single,
    discovery: Discovery::Plain,
    scopes: &["openid", "profile", "email", "offline_access"],
    params: &[],
    subject: &["sub"],
    groups: None,
    roles: None,
    email_trust: EmailTrust::WhereVerified,
    fresh_login_prompt: None,
    response_mode: ResponseMode::Query,
    logout: Logout::Oidc,
    signed_secret_audience: None,
};

/// Google: refresh tokens by a parameter, an issuer with two names, no logout.
const GOOGLE: Preset = Preset {
    word: "google",
    name: "Google",
    issuer: Some("https://accounts.google.com"),
    issuer_aliases: &["accounts.google.com"],
    scopes: &["openid", "profile", "email"],
    params: &[("access_type", "offline"), ("prompt", "consent")],
    fresh_login_prompt: Some("select_account"),
    logout: Logout::None,
    ..PLAIN
};

/// Microsoft Entra ID: users are known by tenant and object, and nobody vouches for their addresses.
const ENTRA: Preset = Preset {
    word: "entra",
    name: "Microsoft",
    issuer_example: "https://login.microsoftonline.com/<tenant id>/v2.0",
    tenancy: Tenancy::ByTid,
    subject: &["tid", "oid"],
    groups: Some("groups"),
    roles: Some("roles"),
    email_trust: EmailTrust::Never,
    fresh_login_prompt: Some("login"),
    ..PLAIN
};

/// Okta: metadata may depend on the client.
const OKTA: Preset = Preset {
    word: "okta",
    name: "Okta",
    issuer_example: "https://example.okta.com/oauth2/default",
    discovery: Discovery::ForClient,
    groups: Some("groups"),
    ..PLAIN
};

/// Keycloak: roles of the realm.
const KEYCLOAK: Preset = Preset {
    word: "keycloak",
    name: "Keycloak",
    issuer_example: "https://keycloak.example.com/realms/example",
    scopes: &["openid", "profile", "email"],
    groups: Some("groups"),
    roles: Some("realm_access.roles"),
    ..PLAIN
};

/// Amazon Cognito: groups under a name of its own, and its own way out.
const COGNITO: Preset = Preset {
    word: "cognito",
    name: "Cognito",
    issuer_example: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example",
    scopes: &["openid", "profile", "email"],
    groups: Some("cognito:groups"),
    logout: Logout::Cognito,
    ..PLAIN
};

/// Apple: a secret that is signed for each request, and an answer that the browser posts.
const APPLE: Preset = Preset {
    word: "apple",
    name: "Apple",
    issuer: Some("https://appleid.apple.com"),
    scopes: &["openid", "name", "email"],
    fresh_login_prompt: Some("login"),
    response_mode: ResponseMode::FormPost,
    logout: Logout::None,
    signed_secret_audience: Some("https://appleid.apple.com"),
    ..PLAIN
};

impl Preset {
    /// Every preset; the first is for an issuer of which nothing is known.
    pub const ALL: [&'static Self; 7] = [&PLAIN, &GOOGLE, &ENTRA, &OKTA, &KEYCLOAK, &COGNITO, &APPLE];

    /// The preset for an issuer of which nothing is known.
    pub fn generic() -> &'static Self {
        &PLAIN
    }

    /// The preset of this name.
    pub fn named(word: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|preset| preset.word == word)
    }
}
