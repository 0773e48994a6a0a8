//! The grant `client_credentials` ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4), MCP's extension
//! `io.modelcontextprotocol/oauth-client-credentials`): a service that acts for itself.
//!
//! Nobody is asked, so the operator decides: which client, at which MCP servers, with which scopes.

use std::sync::Arc;

use vestibule_protocol::{GrantType, ProviderId, Scope, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;

use super::open::{Opening, Stay};
use super::{Claim, TokenError};
use crate::Broker;
use crate::client_auth::Caller;

/// What a user's scopes are about, of whom there is none here.
const ABOUT_A_USER: [&str; 3] = [Scope::OPENID, Scope::PROFILE, Scope::EMAIL];

/// What the client asks for.
pub(super) struct Presented {
    pub(super) resources: Vec<String>,
    pub(super) scopes: Option<ScopeSet>,
}

impl Broker {
    /// What a client may do by itself.
    ///
    /// > The client credentials grant type MUST only be used by confidential clients.
    pub(super) fn act_for_itself(
        &self,
        caller: &Caller,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        let client = &caller.client;
        if !caller.proven || !client.allows_grant(GrantType::ClientCredentials) {
            return Err(TokenError::GrantNotAllowed(GrantType::ClientCredentials));
        }
        let grants = &self.settings.grants;
        if !grants.lets_in(client.id()) {
            return Err(TokenError::ClientNotLetIn);
        }
        // One server a token: what the client may do at one must not count at another that knows a scope of the same name.
        let resource = self.asserted_target(&presented.resources, None)?;
        let mut scopes = grants.own_scopes(client.id(), resource);
        if scopes.is_empty() {
            return Err(TokenError::ClientNotLetInThere);
        }
        if let Some(own) = client.scopes() {
            scopes = scopes.intersection(own);
        }
        if let Some(asked) = &presented.scopes {
            if ABOUT_A_USER.iter().any(|scope| asked.contains(scope)) {
                return Err(TokenError::NoUser);
            }
            scopes = scopes.intersection(&resource.with_implied(asked));
        }
        let subject = Subject::of_client(client.id()).map_err(|_| TokenError::ClientNotLetIn)?;
        Ok(Claim::Open(Box::new(Opening {
            session: self.entropy.session_id(),
            identity: Arc::new(Identity::of(&ProviderId::of_clients(), subject, now)),
            upstream: None,
            client_id: client.id().clone(),
            resources: vec![resource.uri.clone()],
            scopes,
            nonce: None,
            // "A refresh token SHOULD NOT be included." (RFC 6749 §4.4.3)
            stay: Stay::Once,
        })))
    }
}
