use url::Url;
use vestibule_protocol::{CodeChallenge, CodeVerifier, ScopeSet};

use crate::{discovery::Discovery, registration::ClientIdentity};

/// An authorization request, and what must be remembered until its answer.
pub(crate) struct AuthorizationRequest {
    url: Url,
    state: String,
    issuer: String,
    expects_issuer: bool,
}

impl AuthorizationRequest {
    /// Builds the request of [OAuth 2.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1) with the
    /// `resource` of [RFC 8707](https://www.rfc-editor.org/rfc/rfc8707).
    pub(crate) fn new(
        discovery: &Discovery,
        client: &ClientIdentity,
        redirect_uri: &str,
        scope: &ScopeSet,
        verifier: &CodeVerifier,
        state: String,
    ) -> Self {
        let server = &discovery.server;
        let mut url = server.authorization_endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", client.id.as_str())
                .append_pair("redirect_uri", redirect_uri)
                .append_pair("code_challenge", CodeChallenge::of(verifier).as_str())
                .append_pair("code_challenge_method", "S256")
                .append_pair("resource", discovery.resource.as_str())
                .append_pair("state", &state);
            if !scope.is_empty() {
                query.append_pair("scope", &scope.to_string());
            }
        }
        Self {
            url,
            state,
            issuer: server.issuer.as_str().to_owned(),
            expects_issuer: server.names_itself,
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn expects_issuer(&self) -> bool {
        self.expects_issuer
    }
}
