//! What an operator writes down for one tenant.

use url::Url;
use vestibule_outbound::Reach;
use vestibule_protocol::ProviderId;
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{
    ClaimPath, ClientAuth, LogoutStyle, ProviderOrigin, RelyingParty, SigningAlgorithm, Upstream,
};

use crate::Organization;
use crate::rules::Rules;

/// One tenant, and this application in it.
#[derive(Debug, Clone)]
pub struct Auth0Settings {
    /// The tenant's domain, or its custom domain: one of the two, for everything.
    pub domain: ProviderOrigin,
    /// The application's client id.
    pub client_id: String,
    /// How the application proves who it is.
    pub client_auth: ClientAuth,
    /// The API that access tokens are asked for, if any.
    pub api: Option<Api>,
    /// The organization that users have to log in to.
    pub organization: Option<Organization>,
    /// The connection that users log in with, instead of choosing one.
    pub connection: Option<String>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The claim that holds the user's groups, such as `https://example.com/groups`.
    pub groups_claim: Option<ClaimPath>,
    /// The claim that holds the user's roles, such as `https://example.com/roles`.
    pub roles_claim: Option<ClaimPath>,
    /// More parameters for the authorization request.
    pub extra_params: Vec<(String, String)>,
    /// Where calls may go.
    pub reach: Reach,
}

/// An API of the tenant.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its identifier: the audience of the access token.
    pub audience: String,
    /// What becomes of its permissions.
    pub permissions: Permissions,
}

/// What becomes of the permissions in an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing: the access token is not looked into.
    Ignored,
    /// They are the scopes that the user may have here.
    AreScopes,
}

/// The parameters of an authorization request that have keys of their own.
const OWN_KEYS: [&str; 3] = ["audience", "connection", "organization"];

impl Auth0Settings {
    /// The scopes that are asked for if the operator names none; the last is for the re-check.
    pub const SCOPES: [&'static str; 4] = ["openid", "profile", "email", "offline_access"];

    /// A tenant with nothing but what it takes.
    pub fn new(domain: ProviderOrigin, client_id: impl Into<String>, client_auth: ClientAuth) -> Self {
        Self {
            domain,
            client_id: client_id.into(),
            client_auth,
            api: None,
            organization: None,
            connection: None,
            scopes: Self::SCOPES.map(str::to_owned).to_vec(),
            groups_claim: None,
            roles_claim: None,
            extra_params: Vec::new(),
            reach: Reach::Public,
        }
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
            organization: self.organization.clone(),
            permissions: self
                .api
                .as_ref()
                .map_or(Permissions::Ignored, |api| api.permissions),
        };
        RelyingParty::new(id, name, self.into_upstream()?, rules)
    }

    fn into_upstream(self) -> Result<Upstream, ProviderError> {
        let params = self.params()?;
        let domain = self.domain.as_str();
        // The issuer of a tenant, and of its custom domain, ends in a slash.
        let mut upstream = Upstream::new(format!("{domain}/"), self.client_id, self.client_auth);
        upstream.algorithms = vec![SigningAlgorithm::Rs256, SigningAlgorithm::Ps256];
        "set the application's JsonWebToken Signature Algorithm to RS256 (Settings, Advanced, OAuth)"
            .clone_into(&mut upstream.algorithm_advice);
        upstream.scopes = self.scopes;
        upstream.authorize_params = params;
        upstream.claims.groups = self.groups_claim;
        upstream.claims.roles = self.roles_claim;
        upstream.access_token_audience = self
            .api
            .filter(|api| api.permissions == Permissions::AreScopes)
            .map(|api| api.audience);
        let logout = Url::parse(&format!("{domain}/v2/logout"))
            .map_err(|error| ProviderError::Misconfigured(format!("domain: {error}")))?;
        upstream.logout = LogoutStyle::OidcOrReturnTo(logout);
        if self.reach == Reach::Private {
            upstream.reach = Reach::Private;
        }
        Ok(upstream)
    }

    fn params(&self) -> Result<Vec<(String, String)>, ProviderError> {
        if let Some(name) = OWN_KEYS
            .iter()
            .find(|own| self.extra_params.iter().any(|(name, _)| name == *own))
        {
            return Err(ProviderError::Misconfigured(format!(
                "extra_params has {name}, which is a key of its own; write {name} = \"…\""
            )));
        }
        let own = [
            ("audience", self.api.as_ref().map(|api| api.audience.clone())),
            ("connection", self.connection.clone()),
            (
                "organization",
                self.organization.as_ref().map(ToString::to_string),
            ),
        ];
        let own = own
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Ok(own.chain(self.extra_params.iter().cloned()).collect())
    }
}
