use url::Url;
use vestibule_protocol::{ClientId, CodeChallenge, CodeVerifier, ScopeSet};

use crate::discovery::Discovery;

/// An authorization request, and what must be remembered until its answer.
pub(crate) struct AuthorizationRequest {
    url: Url,
    state: String,
    issuer: String,
    expects_issuer: bool,
}

/// What a login asks for.
pub(crate) struct Wish<'a> {
    pub(crate) client: &'a ClientId,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scope: &'a ScopeSet,
    pub(crate) verifier: &'a CodeVerifier,
    pub(crate) state: String,
    /// That of the key which the tokens are to be bound to.
    pub(crate) thumbprint: Option<String>,
}

impl AuthorizationRequest {
    /// Builds the request of [OAuth 2.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1) with the
    /// `resource` of [RFC 8707](https://www.rfc-editor.org/rfc/rfc8707) and the `dpop_jkt` of
    /// [RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10).
    pub(crate) fn new(endpoint: &Url, discovery: &Discovery, wish: Wish<'_>) -> Self {
        let server = &discovery.server;
        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", wish.client.as_str())
                .append_pair("redirect_uri", wish.redirect_uri)
                .append_pair("code_challenge", CodeChallenge::of(wish.verifier).as_str())
                .append_pair("code_challenge_method", "S256")
                .append_pair("resource", discovery.resource.as_str())
                .append_pair("state", &wish.state);
            if !wish.scope.is_empty() {
                query.append_pair("scope", &wish.scope.to_string());
            }
            if let Some(thumbprint) = &wish.thumbprint {
                query.append_pair("dpop_jkt", thumbprint);
            }
        }
        Self {
            url,
            state: wish.state,
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
