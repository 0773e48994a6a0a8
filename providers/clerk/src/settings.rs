//! What an operator writes down for one Clerk application.

use url::Url;
use vestibule_outbound::Reach;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::ProviderError;
use vestibule_upstream_oidc::{
    ClientAuth, FreshLogin, LogoutStyle, NonceRule, ProviderOrigin, RelyingParty, SecretMethod,
    SigningAlgorithm, Upstream,
};

use crate::backend::Backend;
use crate::{Clerk, PublishableKey, SecretKey};

/// One Clerk application, and this OAuth application in it.
#[derive(Debug, Clone)]
pub struct ClerkSettings {
    /// The application's publishable key, where it is known.
    pub publishable_key: Option<PublishableKey>,
    /// Where the Frontend API is; it goes before what the publishable key says.
    pub frontend_api: Option<ProviderOrigin>,
    /// The OAuth application's client id.
    pub client_id: String,
    /// The OAuth application's secret; none for a public one.
    pub client_secret: Option<Secret>,
    /// The key for the backend API.
    pub secret_key: Option<SecretKey>,
    /// Where the backend API is.
    pub api: ProviderOrigin,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// Whether the ID token has to repeat the nonce.
    pub nonce_rule: NonceRule,
    /// Where calls may go.
    pub reach: Reach,
}

impl ClerkSettings {
    /// Where Clerk's backend API is.
    pub const API: &'static str = "https://api.clerk.com";

    /// The provider that these settings describe.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the settings contradict each other.
    pub fn into_provider(self, id: ProviderId, name: impl Into<String>) -> Result<Clerk, ProviderError> {
        let frontend_api = self.find_frontend_api()?;
        if let (Some(public), Some(secret)) = (&self.publishable_key, &self.secret_key)
            && public.instance != secret.instance
        {
            return Err(ProviderError::Misconfigured(
                "publishable_key and secret_key are of two instances, development (test) and production (live); copy both from \
                 the same one"
                    .to_owned(),
            ));
        }
        let backend = match &self.secret_key {
            None => None,
            Some(key) => Some(Backend::new(self.api.clone(), key.clone(), self.reach_of_api())?),
        };
        let upstream = self.into_upstream(&frontend_api)?;
        let party = RelyingParty::new(id, name, upstream, ())?;
        Ok(Clerk::new(party, backend, frontend_api))
    }

    fn find_frontend_api(&self) -> Result<ProviderOrigin, ProviderError> {
        let of_key = self.publishable_key.as_ref().map(PublishableKey::frontend_api);
        let found = self.frontend_api.as_ref().or(of_key);
        found.cloned().ok_or_else(|| {
            ProviderError::Misconfigured(
                "neither publishable_key nor frontend_api says where Clerk is".to_owned(),
            )
        })
    }

    fn reach_of_api(&self) -> Reach {
        if self.api.is_loopback() {
            Reach::Private
        } else {
            self.reach
        }
    }

    fn into_upstream(self, frontend_api: &ProviderOrigin) -> Result<Upstream, ProviderError> {
        let client_auth = match self.client_secret {
            None => ClientAuth::None,
            Some(secret) => ClientAuth::Secret {
                secret,
                method: Some(SecretMethod::Basic),
            },
        };
        let mut upstream = Upstream::new(frontend_api.as_str(), self.client_id, client_auth);
        let userinfo = Url::parse(&format!("{frontend_api}/oauth/userinfo"));
        // Clerk's own example of its metadata leaves it out.
        upstream.userinfo_endpoint =
            Some(userinfo.map_err(|error| ProviderError::Misconfigured(format!("frontend_api: {error}")))?);
        upstream.algorithms = vec![SigningAlgorithm::Rs256];
        let by_backend = self.secret_key.is_some();
        upstream.scopes = self.scopes.unwrap_or_else(|| {
            // A refresh token of Clerk's never expires: none is asked for when the backend API can tell.
            let offline = (!by_backend).then_some("offline_access");
            let scopes = ["openid", "profile", "email"].into_iter().chain(offline);
            scopes.map(str::to_owned).collect()
        });
        upstream.nonce_rule = self.nonce_rule;
        upstream.fresh_login = FreshLogin::Asked("login".to_owned());
        upstream.logout = LogoutStyle::None;
        if self.reach == Reach::Private {
            upstream.reach = Reach::Private;
        }
        Ok(upstream)
    }
}
