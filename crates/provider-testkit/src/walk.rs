//! One login at an upstream, a step a line.

use std::sync::Arc;

use vestibule_provider::{Login, LoginStep, Provider, ProviderError, Reply};

use crate::sample::context;
use crate::{Bench, Upstream};

/// A provider at its upstream.
pub struct Walk<'b, B> {
    /// The bench that made it.
    pub bench: &'b B,
    /// The upstream.
    pub upstream: Upstream,
    /// The provider.
    pub provider: Arc<dyn Provider>,
}

impl<'b, B: Bench> Walk<'b, B> {
    /// A new provider at a new upstream.
    pub async fn new(bench: &'b B) -> Self {
        let upstream = Upstream::start(bench.shape()).await;
        let provider = bench.provider(&upstream).await;
        Self {
            bench,
            upstream,
            provider,
        }
    }

    /// Begins a login.
    ///
    /// # Errors
    /// The provider's.
    pub async fn begin(&self) -> Result<LoginStep, ProviderError> {
        self.provider.begin(&context(None)).await
    }

    /// Goes on with what came back.
    ///
    /// # Errors
    /// The provider's.
    pub async fn complete(&self, step: LoginStep, reply: Reply) -> Result<LoginStep, ProviderError> {
        let kept = match step {
            LoginStep::Redirect(_, kept) | LoginStep::Ask(_, kept) | LoginStep::Run(_, kept) => Some(kept),
            LoginStep::Done(_) => None,
        };
        self.provider.complete(&context(kept), reply).await
    }

    /// Walks a whole login.
    ///
    /// # Errors
    /// The provider's.
    pub async fn log_in(&self) -> Result<LoginStep, ProviderError> {
        let step = self.begin().await?;
        let reply = self.bench.log_in(&self.upstream, &step);
        self.complete(step, reply).await
    }

    /// Walks a whole login, which must end well.
    pub async fn must_log_in(&self) -> Login {
        match self.log_in().await {
            Ok(LoginStep::Done(login)) => *login,
            other => panic!("an honest login did not end: {other:?}"),
        }
    }
}
