mod call;
mod login;
mod logout;
mod unattended;

use std::sync::Arc;

use crate::{
    Host, HttpError, Interaction, Limits, ProofError, TokenStore,
    http::Http,
    proof::{Nonces, Prover},
    store::Account,
    token::TokenEndpoint,
};
pub use call::CallError;
pub use login::{Login, LoginError, LoginRequest};
pub use logout::{Logout, LogoutError};
pub use unattended::{Entrance, IdToken, IdentityProvider, UnattendedLogin};

/// An MCP client for one person: logs in at MCP servers and calls their tools.
pub struct Client<I> {
    http: Http,
    store: TokenStore,
    host: Arc<dyn Host>,
    interaction: Arc<I>,
    limits: Limits,
    nonces: Arc<Nonces>,
}

/// Puts a [`Client`] together.
pub struct ClientBuilder<I> {
    store: TokenStore,
    host: Arc<dyn Host>,
    interaction: I,
    limits: Limits,
}

impl<I: Interaction> Client<I> {
    /// Starts a client that keeps logins in `store` and speaks with the person through `interaction`.
    pub fn builder(store: TokenStore, host: impl Host, interaction: I) -> ClientBuilder<I> {
        ClientBuilder {
            store,
            host: Arc::new(host),
            interaction,
            limits: Limits::default(),
        }
    }

    /// What proves the key that an account's tokens are bound to, if they are bound.
    fn prover(&self, account: &Account) -> Result<Option<Prover>, ProofError> {
        let prover = |key| Prover::new(key, Arc::clone(&self.host), Arc::clone(&self.nonces));
        account.proof_key.as_ref().map(prover).transpose()
    }

    /// Where an account's tokens come from.
    fn token_endpoint<'a>(&'a self, account: &'a Account, prover: Option<&'a Prover>) -> TokenEndpoint<'a> {
        TokenEndpoint {
            http: &self.http,
            host: self.host.as_ref(),
            url: &account.token_endpoint,
            issuer: &account.issuer,
            client: account.client.as_ref(),
            prover,
        }
    }
}

impl<I: Interaction> ClientBuilder<I> {
    /// Replaces the default limits of time and size.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// [`HttpError::Setup`] when the TLS library cannot be set up.
    pub fn build(self) -> Result<Client<I>, HttpError> {
        Ok(Client {
            http: Http::new(self.limits.clone())?,
            store: self.store,
            host: self.host,
            interaction: Arc::new(self.interaction),
            limits: self.limits,
            nonces: Arc::default(),
        })
    }
}
