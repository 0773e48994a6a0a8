use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;
use vestibule_protocol::{CodeVerifier, ScopeSet, Secret};

use super::Client;
use crate::{
    AuthorizeError, Binding, DiscoveryError, Enrolment, Handoff, Interaction, McpUrl, ProofError,
    RegistrationError, StoreError, TokenError,
    authorize::{AuthorizationRequest, Door, Wish},
    discovery::Discovery,
    proof::{self, Prover},
    registration::ClientIdentity,
    store::{Account, Entry, Tokens, Way},
    token::Redemption,
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
    /// Whether the tokens are to be bound to a key.
    pub binding: Binding,
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
    /// Whether the tokens are bound to a key.
    pub bound: bool,
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
    /// The key for the tokens cannot be used.
    #[error(transparent)]
    Proof(#[from] ProofError),
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
    /// The key that the tokens are to be bound to.
    pub(super) proof_key: Option<Secret>,
}

impl Login {
    pub(super) fn of(entry: Entry, renewable: bool) -> Self {
        Self {
            issuer: entry.account.issuer,
            scope: entry.tokens.scope,
            renewable,
            bound: entry.account.proof_key.is_some(),
        }
    }
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
            proof_key: proof_key(&discovery, request.binding)?,
        };
        let entry = self.walk(walk).await?;
        let renewable = entry.tokens.refresh.is_some();
        Ok(Login::of(entry, renewable))
    }

    /// Sends the person through the authorization server and keeps what comes of it.
    pub(super) async fn walk(&self, walk: Walk<'_>) -> Result<Entry, LoginError> {
        let discovery = walk.discovery;
        let authorization_endpoint = discovery.server.authorization_endpoint()?;
        let door = Door::open(walk.handoff).await?;
        let redirect_uri = door.redirect_uri().to_owned();
        let client = match walk.who {
            Who::ToBeEnrolled(enrolment) => {
                ClientIdentity::enrol(&self.http, &discovery.server, enrolment, &redirect_uri).await?
            }
            Who::AsBefore(client) => client.clone(),
        };
        let account = Account {
            client: Some(client.clone()),
            proof_key: walk.proof_key,
            ..Account::at(walk.server, discovery, Way::Person(walk.handoff))
        };
        let prover = self.prover(&account)?;
        let verifier = CodeVerifier::from_random(&self.host.random());
        let wish = Wish {
            client: &client.id,
            redirect_uri: &redirect_uri,
            scope: walk.scope,
            verifier: &verifier,
            state: URL_SAFE_NO_PAD.encode(self.host.random()),
            thumbprint: prover.as_ref().map(Prover::thumbprint).transpose()?,
        };
        let request = AuthorizationRequest::new(authorization_endpoint, discovery, wish);
        let code = door
            .receive(&request, self.interaction.as_ref(), &self.limits)
            .await?;
        let redemption = Redemption {
            code: &code,
            redirect_uri: &redirect_uri,
            verifier: &verifier,
            resource: &account.resource,
            scope: walk.scope,
        };
        let endpoint = self.token_endpoint(&account, prover.as_ref());
        let tokens = endpoint.redeem(&redemption).await?;
        self.keep(account, tokens).await
    }

    /// Keeps a login.
    pub(super) async fn keep(&self, account: Account, tokens: Tokens) -> Result<Entry, LoginError> {
        let entry = Entry { account, tokens };
        let lock = self.store.lock(&entry.account.server, self.limits.lock).await?;
        self.store.put(&entry, &lock)?;
        Ok(entry)
    }
}

/// A key of its own for a login whose tokens are to be bound to one.
pub(super) fn proof_key(discovery: &Discovery, binding: Binding) -> Result<Option<Secret>, LoginError> {
    if discovery.binds(binding)? {
        Ok(Some(proof::new_key()?))
    } else {
        Ok(None)
    }
}
