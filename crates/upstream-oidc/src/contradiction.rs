//! Data that contradicts itself.

use vestibule_provider::ProviderError;

use crate::metadata::Metadata;
use crate::{ClaimPath, ClientAuth, IssuerRule, SigningAlgorithm, Upstream};

/// The parameters of an authorization request that the engine alone decides.
const OWN_PARAMETERS: [&str; 14] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "max_age",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Upstream {
    /// Whether the data makes sense, as far as can be told without the provider.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] says what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        Metadata::place(self)?;
        if self.client_id.is_empty() {
            return wrong("client_id is empty");
        }
        let own = |(name, _): &&(String, String)| OWN_PARAMETERS.contains(&name.as_str());
        if let Some((name, _)) = self.authorize_params.iter().find(own) {
            return wrong(&format!(
                "the parameter {name} is the broker's own; leave it out of extra_params"
            ));
        }
        self.check_algorithms()?;
        if self.claims.subject.is_empty() {
            return wrong("no claim is the user's subject");
        }
        self.check_tenants()
    }

    fn check_algorithms(&self) -> Result<(), ProviderError> {
        if self.algorithms.is_empty() {
            return wrong("no algorithm is allowed for ID tokens");
        }
        if !self.algorithms.contains(&SigningAlgorithm::Hs256) {
            return Ok(());
        }
        if self.algorithms.len() > 1 {
            return wrong(
                "HS256 stands beside other algorithms; a token must not choose between a secret and a key",
            );
        }
        match self.client_auth {
            ClientAuth::Secret { .. } => Ok(()),
            ClientAuth::None | ClientAuth::PrivateKeyJwt { .. } | ClientAuth::SignedSecret { .. } => {
                wrong("HS256 needs a client secret, which is its key")
            }
        }
    }

    fn check_tenants(&self) -> Result<(), ProviderError> {
        let IssuerRule::OfTenant(tenants) = &self.issuer_rule else {
            return Ok(());
        };
        if tenants.is_empty() {
            return wrong("allowed_tenants is empty; nobody could log in");
        }
        let tenant = |path: &ClaimPath| path.as_str() == "tid";
        if !self.claims.subject.iter().any(tenant) {
            return wrong("the subject has to have tid in it, because users of several tenants come in");
        }
        Ok(())
    }
}

fn wrong(text: &str) -> Result<(), ProviderError> {
    Err(ProviderError::Misconfigured(text.to_owned()))
}
