//! Leaving the provider with the browser
//! ([RP-Initiated Logout](https://openid.net/specs/openid-connect-rpinitiated-1_0.html)).

use url::Url;
use vestibule_provider::{Leaving, ProviderError};

use crate::id_token::is_name_of_issuer;
use crate::kept::Kept;
use crate::{LogoutStyle, RelyingParty};

impl RelyingParty {
    /// The address that ends the provider's own session.
    pub(crate) async fn leave(&self, leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        if self.upstream.logout == LogoutStyle::None {
            return Ok(None);
        }
        let metadata = self.metadata().await?;
        let endpoint = metadata.end_session_endpoint.clone();
        let client_id = self.upstream.client_id.as_str();
        let return_to = leaving.return_to.as_str();
        Ok(match (&self.upstream.logout, endpoint) {
            (LogoutStyle::Oidc | LogoutStyle::OidcOrReturnTo(_), Some(mut address)) => {
                let kept = leaving
                    .upstream
                    .as_ref()
                    .map(|session| Kept::unseal(&session.kept));
                let kept = kept.transpose()?;
                let mut query = address.query_pairs_mut();
                let ours = |kept: &&Kept| is_name_of_issuer(&kept.issuer, &self.upstream, &metadata);
                if let Some(hint) = kept.as_ref().filter(ours).and_then(Kept::id_token) {
                    query.append_pair("id_token_hint", hint);
                }
                query
                    .append_pair("client_id", client_id)
                    .append_pair("post_logout_redirect_uri", return_to)
                    .append_pair("state", &leaving.state);
                drop(query);
                Some(address)
            }
            (LogoutStyle::OidcOrReturnTo(address), None) => {
                let mut address = address.clone();
                address
                    .query_pairs_mut()
                    .append_pair("client_id", client_id)
                    .append_pair("returnTo", return_to);
                Some(address)
            }
            (LogoutStyle::LogoutUri, Some(mut address)) => {
                address
                    .query_pairs_mut()
                    .append_pair("client_id", client_id)
                    .append_pair("logout_uri", return_to);
                Some(address)
            }
            (LogoutStyle::Oidc | LogoutStyle::LogoutUri, None) | (LogoutStyle::None, _) => None,
        })
    }
}
