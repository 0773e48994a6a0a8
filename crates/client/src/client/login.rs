use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;
use vestibule_protocol::{CodeVerifier, ScopeSet};

use super::Client;
use crate::{
    AuthorizeError, DiscoveryError, Enrolment, Handoff, Interaction, McpUrl, RegistrationError, StoreError,
    TokenError,
    authorize::{AuthorizationRequest, Door},
    discovery::Discovery,
    registration::ClientIdentity,
    store::Entry,
    token::{self, Redemption},
};

/// What a person says about a login before it starts.
#[derive(Debug, Clone)]
pub struct LoginRequest {
    /// How the code comes back.
    pub handoff: Handoff,
    /// The scopes to ask for; without them, those that the server suggests.
    pub scope: Option<ScopeSet>,
    /// How the client becomes known.
    pub enrolment: Enrolment,
}

/// A finished login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Who issued the tokens.
    pub issuer: String,
    /// What was granted.
    pub scope: ScopeSet,
    /// Whether the login outlives its first access token.
    pub renewable: bool,
}

/// Why a login did not come about.
#[derive(Debug, Error)]
pub enum LoginError {
    /// The authorization server was not found.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// The client is not known there.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The person came back without a code.
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    /// The code brought no tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The tokens could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// As whom the client goes.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    ToBeEnrolled(&'a Enrolment),
    AsBefore(&'a ClientIdentity),
}

/// One way through the authorization server.
pub(super) struct Walk<'a> {
    pub(super) server: &'a McpUrl,
    pub(super) discovery: &'a Discovery,
    pub(super) who: Who<'a>,
    pub(super) handoff: Handoff,
    pub(super) scope: &'a ScopeSet,
}

impl<I: Interaction> Client<I> {
    /// Logs in at `server`, whether or not there is a login already.
    ///
    /// # Errors
    /// Each names the step that failed and what to change.
    pub async fn login(&self, server: &McpUrl, request: &LoginRequest) -> Result<Login, LoginError> {
        let discovery = Discovery::of(&self.http, server).await?;
        let scope = discovery.scope(request.scope.as_ref());
        let walk = Walk {
            server,
            discovery: &discovery,
            who: Who::ToBeEnrolled(&request.enrolment),
            handoff: request.handoff,
            scope: &scope,
        };
        let entry = self.walk(&walk).await?;
        Ok(Login {
            issuer: entry.issuer,
            scope: entry.tokens.scope,
            renewable: entry.tokens.refresh.is_some(),
        })
    }

    /// Sends the person through the authorization server and keeps what comes of it.
    pub(super) async fn walk(&self, walk: &Walk<'_>) -> Result<Entry, LoginError> {
        let discovery = walk.discovery;
        let door = Door::open(walk.handoff).await?;
        let redirect_uri = door.redirect_uri().to_owned();
        let client = match walk.who {
            Who::ToBeEnrolled(enrolment) => {
                ClientIdentity::enrol(&self.http, &discovery.server, enrolment, &redirect_uri).await?
            }
            Who::AsBefore(client) => client.clone(),
        };
        let verifier = CodeVerifier::from_random(&self.host.random());
        let state = URL_SAFE_NO_PAD.encode(self.host.random());
        let request =
            AuthorizationRequest::new(discovery, &client, &redirect_uri, walk.scope, &verifier, state);
        let code = door
            .receive(&request, self.interaction.as_ref(), &self.limits)
            .await?;
        let redemption = Redemption {
            code: &code,
            redirect_uri: &redirect_uri,
            verifier: &verifier,
            scope: walk.scope,
        };
        let tokens = token::redeem(&self.http, discovery, &client, &redemption, self.host.now()).await?;
        let entry = Entry {
            server: walk.server.clone(),
            resource: discovery.resource.clone(),
            issuer: discovery.server.issuer.to_string(),
            token_endpoint: discovery.server.token_endpoint.clone(),
            revocation_endpoint: discovery.server.revocation_endpoint.clone(),
            client,
            handoff: Some(walk.handoff),
            tokens,
        };
        let lock = self.store.lock(walk.server, self.limits.lock).await?;
        self.store.put(&entry, &lock)?;
        Ok(entry)
    }
}
