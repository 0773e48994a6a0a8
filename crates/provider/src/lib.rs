//! The plug-in contract between the broker and an identity provider.
//!
//! The broker owns state, nonce, PKCE, cookies and the callback route. A [`Provider`] only starts a login and turns what
//! comes back into an [`Identity`]. This crate knows no provider, no HTTP server and no store.
//!
//! To add a provider: implement [`Provider`] in a folder of its own under `providers/`, give it a section in the program's
//! configuration and a line in the program's registry.

mod error;
mod form;
mod identity;
mod login;
mod standing;

use async_trait::async_trait;
use vestibule_protocol::ProviderId;

pub use error::ProviderError;
pub use form::{Field, FieldKind, Form};
pub use identity::Identity;
pub use login::{LoginContext, LoginStep, Reply, Sealed};
pub use standing::{Capabilities, Standing, UpstreamSession};

/// One identity provider, as the broker sees it.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The operator's name for this provider; the first part of every subject that it vouches for.
    fn id(&self) -> &ProviderId;

    /// What a person calls this provider, for a button or a heading.
    fn display_name(&self) -> &str;

    /// What this provider can do beyond a login.
    fn capabilities(&self) -> Capabilities;

    /// Starts a login.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError>;

    /// Takes what came back and says what comes next.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError>;

    /// Says whether the user of an earlier login still stands with the provider.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] when the provider cannot be asked: an outage is never read as a revocation.
    async fn recheck(&self, upstream: &UpstreamSession) -> Result<Standing, ProviderError>;
}
