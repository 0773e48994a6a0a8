//! What an operator writes down for one issuer.

use vestibule_outbound::Reach;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{
    Assertion, ClaimMap, ClaimPath, ClientAuth, ClientKey, EmailTrust, FreshLogin, IssuerRule, LogoutStyle,
    Pushing, RelyingParty, ResponseMode, SecretMethod, SigningAlgorithm, Upstream,
};

use crate::Preset;
use crate::preset::{Discovery, Tenancy};
use crate::rules::Rules;

/// One issuer and this client of it. What is `None` or empty is the preset's.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// What is known beforehand.
    pub preset: &'static Preset,
    /// The issuer, as the provider writes it.
    pub issuer: String,
    /// The client's id at the provider.
    pub client_id: String,
    /// What the client proves itself with.
    pub credential: Credential,
    /// How the client authenticates at the token endpoint.
    pub token_auth_method: Option<TokenAuthMethod>,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// The claims that are the subject; several are joined with dots.
    pub subject_claims: Option<Vec<ClaimPath>>,
    /// Where the name for people to read stands.
    pub name_claim: Option<ClaimPath>,
    /// Where the short name stands.
    pub username_claim: Option<ClaimPath>,
    /// Where the email address stands.
    pub email_claim: Option<ClaimPath>,
    /// Where the groups stand.
    pub groups_claim: Option<ClaimPath>,
    /// Where the roles stand.
    pub roles_claim: Option<ClaimPath>,
    /// When an email address counts.
    pub email_trust: Option<EmailTrust>,
    /// More parameters for the authorization request; one of the preset's of the same name gives way.
    pub extra_params: Vec<(String, String)>,
    /// The tenants whose users may come in, where the issuer stands for many.
    pub allowed_tenants: Vec<String>,
    /// The domains whose accounts may come in (Google Workspace).
    pub hosted_domains: Vec<String>,
    /// How a user is made to log in again.
    pub fresh_login: Option<FreshLogin>,
    /// How the browser leaves.
    pub logout: Option<Logout>,
    /// How the answer comes back.
    pub response_mode: Option<ResponseMode>,
    /// When the authorization request is pushed.
    pub pushing: Pushing,
    /// What ID tokens may be signed with.
    pub id_token_algorithms: Option<Vec<SigningAlgorithm>>,
    /// Where calls may go.
    pub reach: Reach,
}

/// What the client proves itself with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Nothing: a public client.
    None,
    /// The secret that the provider's console shows.
    Secret(Secret),
    /// A private key for assertions (`private_key_jwt`).
    Key(ClientKey, Assertion),
    /// A private key for secrets that the client signs itself, in the name of a team (Apple).
    TeamKey(ClientKey, String),
}

/// How the client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAuthMethod {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
    /// `private_key_jwt`.
    PrivateKeyJwt,
    /// `none`.
    None,
}

/// How the browser leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logout {
    /// By RP-Initiated Logout, where the provider has it.
    Oidc,
    /// As Amazon Cognito wants it.
    Cognito,
    /// Not at all.
    None,
}

impl OidcSettings {
    /// Settings that leave everything to the preset.
    pub fn new(
        preset: &'static Preset,
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        credential: Credential,
    ) -> Self {
        Self {
            preset,
            issuer: issuer.into(),
            client_id: client_id.into(),
            credential,
            token_auth_method: None,
            scopes: None,
            subject_claims: None,
            name_claim: None,
            username_claim: None,
            email_claim: None,
            groups_claim: None,
            roles_claim: None,
            email_trust: None,
            extra_params: Vec::new(),
            allowed_tenants: Vec::new(),
            hosted_domains: Vec::new(),
            fresh_login: None,
            logout: None,
            response_mode: None,
            pushing: Pushing::WhereRequired,
            id_token_algorithms: None,
            reach: Reach::Public,
        }
    }

    /// Whether the settings fit together.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] says what does not.
    pub fn check(&self) -> Result<(), ProviderError> {
        self.clone().into_upstream()?.check()
    }

    /// The provider that these settings describe.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the settings contradict each other.
    pub fn into_provider(
        self,
        id: ProviderId,
        name: impl Into<String>,
    ) -> Result<RelyingParty, ProviderError> {
        let rules = Rules {
            hosted_domains: self.hosted_domains.clone(),
        };
        RelyingParty::new(id, name, self.into_upstream()?, rules)
    }

    fn into_upstream(self) -> Result<Upstream, ProviderError> {
        let preset = self.preset;
        let mut upstream = Upstream::new(&self.issuer, &self.client_id, self.client_auth()?);
        upstream.issuer_rule = self.issuer_rule()?;
        if preset.discovery == Discovery::ForClient {
            upstream.discovery_query = vec![("client_id".to_owned(), self.client_id.clone())];
        }
        upstream.authorize_params = self.params();
        upstream.claims = self.claims()?;
        upstream.scopes = self
            .scopes
            .unwrap_or_else(|| preset.scopes.iter().map(|scope| (*scope).to_owned()).collect());
        upstream.response_mode = self.response_mode.unwrap_or(preset.response_mode);
        upstream.pushing = self.pushing;
        let asked = |prompt: &str| FreshLogin::Asked(prompt.to_owned());
        upstream.fresh_login = self
            .fresh_login
            .or_else(|| preset.fresh_login_prompt.map(asked))
            .unwrap_or(FreshLogin::Proven);
        upstream.logout = match self.logout.unwrap_or(preset.logout) {
            Logout::Oidc => LogoutStyle::Oidc,
            Logout::Cognito => LogoutStyle::LogoutUri,
            Logout::None => LogoutStyle::None,
        };
        if let Some(algorithms) = self.id_token_algorithms {
            upstream.algorithms = algorithms;
        }
        if self.reach == Reach::Private {
            upstream.reach = Reach::Private;
        }
        Ok(upstream)
    }

    fn issuer_rule(&self) -> Result<IssuerRule, ProviderError> {
        let aliases = self.preset.issuer_aliases;
        match (self.preset.tenancy, self.allowed_tenants.is_empty()) {
            (Tenancy::ByTid, false) => Ok(IssuerRule::OfTenant(self.allowed_tenants.clone())),
            (Tenancy::Single, false) => Err(ProviderError::Misconfigured(
                "allowed_tenants is for preset = \"entra\"; leave it out".to_owned(),
            )),
            // The other names are those of the preset's own issuer, and of no other.
            (_, true) if !aliases.is_empty() && self.preset.issuer == Some(&self.issuer) => Ok(
                IssuerRule::AlsoCalled(aliases.iter().map(|name| (*name).to_owned()).collect()),
            ),
            (_, true) => Ok(IssuerRule::Exact),
        }
    }

    fn client_auth(&self) -> Result<ClientAuth, ProviderError> {
        let wrong = |text: &str| Err(ProviderError::Misconfigured(text.to_owned()));
        let secret = |secret: &Secret, method| ClientAuth::Secret {
            secret: secret.clone(),
            method,
        };
        Ok(match (&self.credential, self.token_auth_method) {
            (Credential::Secret(own), None) => secret(own, None),
            (Credential::Secret(own), Some(TokenAuthMethod::Basic)) => secret(own, Some(SecretMethod::Basic)),
            (Credential::Secret(own), Some(TokenAuthMethod::Post)) => secret(own, Some(SecretMethod::Post)),
            (Credential::Key(key, assertion), None | Some(TokenAuthMethod::PrivateKeyJwt)) => {
                ClientAuth::PrivateKeyJwt {
                    key: key.clone(),
                    assertion: assertion.clone(),
                }
            }
            (Credential::TeamKey(key, team), None | Some(TokenAuthMethod::Post)) => {
                let Some(audience) = self.preset.signed_secret_audience else {
                    return wrong("team_id is for preset = \"apple\"; leave it out");
                };
                ClientAuth::SignedSecret {
                    key: key.clone(),
                    issuer: team.clone(),
                    audience: audience.to_owned(),
                }
            }
            (Credential::None, Some(TokenAuthMethod::None)) => ClientAuth::None,
            (Credential::None, _) => {
                return wrong(
                    "the client has neither client_secret nor private_key; write one, or token_auth_method = \"none\" for a \
                     public client",
                );
            }
            (Credential::Secret(_) | Credential::Key(..) | Credential::TeamKey(..), Some(_)) => {
                return wrong("token_auth_method does not fit the client's secret or key; leave it out");
            }
        })
    }

    fn params(&self) -> Vec<(String, String)> {
        let given = |name: &str| self.extra_params.iter().any(|(other, _)| other == name);
        let of_preset = self.preset.params.iter().filter(|(name, _)| !given(name));
        let mut params: Vec<(String, String)> = of_preset
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .chain(self.extra_params.iter().cloned())
            .collect();
        // A hint that lets the provider offer the right accounts; the claim decides.
        match self.hosted_domains.as_slice() {
            [] => {}
            _ if given("hd") => {}
            [only] => params.push(("hd".to_owned(), only.clone())),
            [..] => params.push(("hd".to_owned(), "*".to_owned())),
        }
        params
    }

    fn claims(&self) -> Result<ClaimMap, ProviderError> {
        let preset = self.preset;
        let path = |text: &str| {
            ClaimPath::parse(text).map_err(|error| ProviderError::Misconfigured(format!("{text} {error}")))
        };
        let of_preset = |text: Option<&str>| text.map(path).transpose();
        let standard = ClaimMap::default();
        let subject: Result<Vec<ClaimPath>, ProviderError> =
            preset.subject.iter().map(|text| path(text)).collect();
        Ok(ClaimMap {
            subject: self.subject_claims.clone().map_or(subject, Ok)?,
            name: self.name_claim.clone().unwrap_or(standard.name),
            username: self.username_claim.clone().unwrap_or(standard.username),
            email: self.email_claim.clone().unwrap_or(standard.email),
            email_trust: self.email_trust.unwrap_or(preset.email_trust),
            groups: self
                .groups_claim
                .clone()
                .map_or_else(|| of_preset(preset.groups), |own| Ok(Some(own)))?,
            roles: self
                .roles_claim
                .clone()
                .map_or_else(|| of_preset(preset.roles), |own| Ok(Some(own)))?,
        })
    }
}

#[cfg(test)]
mod tests;
