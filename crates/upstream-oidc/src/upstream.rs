//! What one provider is, as plain data.

use url::Url;
use vestibule_outbound::Reach;

use crate::{ClaimPath, ClientAuth, SigningAlgorithm};

/// One provider, and this client of it.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The issuer, as the provider writes it, byte for byte. Discovery is read below it.
    pub issuer: String,
    /// Which `iss` counts.
    pub issuer_rule: IssuerRule,
    /// More parameters for the request for the discovery document.
    pub discovery_query: Vec<(String, String)>,
    /// Where userinfo is, if the provider has it and its discovery document does not say so.
    pub userinfo_endpoint: Option<Url>,
    /// The client's id at the provider.
    pub client_id: String,
    /// How the client proves who it is.
    pub client_auth: ClientAuth,
    /// The scopes to ask for; `openid` is always among them.
    pub scopes: Vec<String>,
    /// More parameters for the authorization request. They cannot replace the engine's own.
    pub authorize_params: Vec<(String, String)>,
    /// How the browser brings the answer back.
    pub response_mode: ResponseMode,
    /// When the authorization request is pushed.
    pub pushing: Pushing,
    /// How a user is made to log in again.
    pub fresh_login: FreshLogin,
    /// What tokens may be signed with.
    pub algorithms: Vec<SigningAlgorithm>,
    /// What an operator does whose provider signs with the client secret, where that is not allowed.
    pub algorithm_advice: String,
    /// Whether the ID token has to repeat the nonce.
    pub nonce_rule: NonceRule,
    /// Which claim says what.
    pub claims: ClaimMap,
    /// The audience that the access token has to have, where its claims are wanted: it is then verified like an ID token and
    /// handed to [`Scrutiny`](crate::Scrutiny). With `None` the access token is opaque.
    pub access_token_audience: Option<String>,
    /// The codes by which the provider ends a login when a refresh is asked for, where it answers with `error_code` in place of
    /// the `error` of OAuth.
    pub own_endings: Vec<String>,
    /// How the browser leaves the provider.
    pub logout: LogoutStyle,
    /// Where calls may go.
    pub reach: Reach,
}

impl Upstream {
    /// A provider that keeps to the book: code with PKCE, `openid profile email`, asymmetric signatures, claims under their
    /// standard names, logout as OpenID Connect has it. Only an issuer on this machine may be reached in private.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>, client_auth: ClientAuth) -> Self {
        let issuer = issuer.into();
        Self {
            reach: reach_of(&issuer),
            issuer,
            issuer_rule: IssuerRule::Exact,
            discovery_query: Vec::new(),
            userinfo_endpoint: None,
            client_id: client_id.into(),
            client_auth,
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            authorize_params: Vec::new(),
            response_mode: ResponseMode::Query,
            pushing: Pushing::WhereRequired,
            fresh_login: FreshLogin::Proven,
            algorithms: SigningAlgorithm::ASYMMETRIC.to_vec(),
            algorithm_advice: "choose RS256 or ES256 for this client at the provider".to_owned(),
            nonce_rule: NonceRule::Required,
            claims: ClaimMap::default(),
            access_token_audience: None,
            own_endings: Vec::new(),
            logout: LogoutStyle::Oidc,
        }
    }
}

fn reach_of(issuer: &str) -> Reach {
    let is_loopback = Url::parse(issuer).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    });
    if is_loopback {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// Which `iss` counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerRule {
    /// The configured issuer, and no other.
    Exact,
    /// The configured issuer, and these other names of the same one (Google's `accounts.google.com`).
    AlsoCalled(Vec<String>),
    /// The issuer of one of these tenants: the discovery document's issuer has `{tenantid}` in it, which the token's `tid`
    /// replaces (Entra's `common` and `organizations`).
    OfTenant(Vec<String>),
}

/// How the browser brings the answer back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the callback's query, which is what providers do unasked.
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// When the authorization request is pushed ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushing {
    /// Where the provider requires it.
    WhereRequired,
    /// Always; a provider that cannot take it is misconfigured.
    Always,
}

/// How a user is made to log in again, whatever session the provider holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreshLogin {
    /// With `prompt=login` and `max_age=0`; the ID token's `auth_time` has to prove it.
    Proven,
    /// With this `prompt`, at a provider that sends no `auth_time`.
    Asked(String),
}

/// Whether the ID token has to repeat the nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceRule {
    /// It has to.
    Required,
    /// One that is there has to be right; for a provider that forgets it. PKCE still binds the code to the login.
    WherePresent,
}

/// Which claim says what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMap {
    /// The user's lasting name at the provider; several are joined with dots.
    pub subject: Vec<ClaimPath>,
    /// The name for people to read.
    pub name: ClaimPath,
    /// The short name.
    pub username: ClaimPath,
    /// The email address.
    pub email: ClaimPath,
    /// When the address counts as the user's.
    pub email_trust: EmailTrust,
    /// The groups.
    pub groups: Option<ClaimPath>,
    /// The roles.
    pub roles: Option<ClaimPath>,
}

impl Default for ClaimMap {
    /// The standard names; no groups and no roles.
    fn default() -> Self {
        Self {
            subject: vec![ClaimPath::standard("sub")],
            name: ClaimPath::standard("name"),
            username: ClaimPath::standard("preferred_username"),
            email: ClaimPath::standard("email"),
            email_trust: EmailTrust::WhereVerified,
            groups: None,
            roles: None,
        }
    }
}

/// When an email address counts as the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailTrust {
    /// When `email_verified` says so.
    WhereVerified,
    /// Never: the provider lets people write what they like.
    Never,
}

/// How the browser leaves the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutStyle {
    /// By [RP-Initiated Logout](https://openid.net/specs/openid-connect-rpinitiated-1_0.html), where the provider has it.
    Oidc,
    /// The same; without an `end_session_endpoint`, this address with `client_id` and `returnTo` (Auth0's older tenants).
    OidcOrReturnTo(Url),
    /// The `end_session_endpoint` with `client_id` and `logout_uri` (Amazon Cognito).
    LogoutUri,
    /// Not at all.
    None,
}
