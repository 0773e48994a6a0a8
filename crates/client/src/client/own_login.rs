use vestibule_protocol::{ClientId, ScopeSet, Secret};

use super::{Client, Login, LoginError};
use crate::{
    Enrolment, Interaction, McpUrl, TokenError,
    discovery::Discovery,
    registration::ClientIdentity,
    store::Entry,
    token::{self, Refresh},
};

/// What a service says about a login as itself.
#[derive(Debug, Clone)]
pub struct OwnLogin {
    /// Its id, as the owner of the authorization server registered it.
    pub id: ClientId,
    /// Its secret.
    pub secret: Secret,
    /// The scopes to ask for; without them, those that the server suggests.
    pub scope: Option<ScopeSet>,
}

impl<I: Interaction> Client<I> {
    /// Logs in at `server` as itself, for nobody else (MCP's extension for client credentials).
    ///
    /// # Errors
    /// Each names the step that failed and what to change.
    pub async fn login_as_itself(&self, server: &McpUrl, login: &OwnLogin) -> Result<Login, LoginError> {
        let discovery = Discovery::of(&self.http, server).await?;
        let known = Enrolment::Known {
            id: login.id.clone(),
            secret: Some(login.secret.clone()),
        };
        // Nobody is redirected anywhere.
        let client = ClientIdentity::enrol(&self.http, &discovery.server, &known, "").await?;
        let scope = discovery.own_scope(login.scope.as_ref());
        let entry = self.enter(server, &discovery, client, &scope).await?;
        Ok(Login {
            issuer: entry.issuer,
            scope: entry.tokens.scope,
            renewable: true,
        })
    }

    /// Gets tokens of the client's own and keeps them.
    pub(super) async fn enter(
        &self,
        server: &McpUrl,
        discovery: &Discovery,
        client: ClientIdentity,
        scope: &ScopeSet,
    ) -> Result<Entry, LoginError> {
        let endpoint = &discovery.server.token_endpoint;
        let now = self.host.now();
        let resource = &discovery.resource;
        let tokens = match token::of_its_own(&self.http, endpoint, &client, resource, scope, now).await? {
            Refresh::Rotated(tokens) => tokens,
            Refresh::Refused(refusal) => return Err(TokenError::Refused(refusal).into()),
        };
        let entry = Entry {
            server: server.clone(),
            resource: resource.clone(),
            issuer: discovery.server.issuer.to_string(),
            token_endpoint: endpoint.clone(),
            revocation_endpoint: discovery.server.revocation_endpoint.clone(),
            client,
            handoff: None,
            tokens,
        };
        let lock = self.store.lock(server, self.limits.lock).await?;
        self.store.put(&entry, &lock)?;
        Ok(entry)
    }
}
