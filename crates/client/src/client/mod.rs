mod call;
mod login;
mod logout;
mod own_login;

use std::sync::Arc;

use crate::{Host, HttpError, Interaction, Limits, TokenStore, http::Http};
pub use call::CallError;
pub use login::{Login, LoginError, LoginRequest};
pub use logout::{Logout, LogoutError};
pub use own_login::OwnLogin;

/// An MCP client for one person: logs in at MCP servers and calls their tools.
pub struct Client<I> {
    http: Http,
    store: TokenStore,
    host: Arc<dyn Host>,
    interaction: Arc<I>,
    limits: Limits,
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
        })
    }
}
