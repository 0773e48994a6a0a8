//! The plug-in contract between the broker and an identity provider.
//!
//! The broker owns state, nonce, PKCE, cookies and the callback route. A [`Provider`] only starts a login and turns what
//! comes back into an [`Identity`]. This crate knows no provider, no HTTP server and no store.
//!
//! To add a provider: implement [`Provider`] in a folder of its own under `providers/`, give it a section in the program's
//! configuration and a line in the program's registry.

mod error;
mod finding;
mod form;
mod identity;
mod login;
mod logout;
mod script;
mod standing;

use async_trait::async_trait;
use url::Url;
use vestibule_protocol::{ProviderId, Timestamp};

pub use error::ProviderError;
pub use finding::{Examination, Finding, Verdict};
pub use form::{Alternative, Field, FieldKind, Form};
pub use identity::Identity;
pub use login::{Login, LoginContext, LoginStep, Once, Reply, Sealed};
pub use logout::{Leaving, LogoutNotice, Whose};
pub use script::{Script, ScriptAsset, ScriptOrigins};
pub use standing::{Capabilities, Standing, UpstreamSession};

/// One identity provider, as the broker sees it.
///
/// A provider that has only logins implements the first six methods; the rest have defaults that say so.
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
    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError>;

    /// Where to send a browser that leaves, so that it leaves the provider too; `None` where the provider has no such place.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn logout(&self, _leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        Ok(None)
    }

    /// Verifies a logout token that the provider sent by itself.
    ///
    /// # Errors
    /// [`ProviderError::Rejected`] when the token does not hold, or the provider sends none.
    async fn read_logout_token(&self, _token: &str, _now: Timestamp) -> Result<LogoutNotice, ProviderError> {
        Err(ProviderError::Rejected(
            "this provider sends no logout tokens".to_owned(),
        ))
    }

    /// The files that the broker serves for the scripts of [`LoginStep::Run`].
    fn assets(&self) -> Vec<ScriptAsset> {
        Vec::new()
    }

    /// Whether a login could begin now. A provider that is reached over the network tries at most every few seconds and
    /// remembers in between.
    ///
    /// # Errors
    /// [`ProviderError`] says what is in the way.
    async fn ready(&self) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Looks at whatever can be checked before the first login.
    async fn examine(&self, _examination: &Examination) -> Vec<Finding> {
        Vec::new()
    }
}
