//! A provider that does what a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Identity, Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Standing,
    UpstreamSession,
};

use crate::fixture::alice;

type Step = Result<LoginStep, ProviderError>;
type Begin = dyn Fn(&LoginContext) -> Step + Send + Sync;
type Complete = dyn Fn(&LoginContext, Reply) -> Step + Send + Sync;

/// The strings are pulled by closures.
pub(crate) struct Puppet {
    id: ProviderId,
    begin: Box<Begin>,
    complete: Box<Complete>,
    completed: AtomicUsize,
}

impl Puppet {
    pub(crate) fn new(
        id: &str,
        begin: impl Fn(&LoginContext) -> Step + Send + Sync + 'static,
        complete: impl Fn(&LoginContext, Reply) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            id: ProviderId::parse(id).unwrap(),
            begin: Box::new(begin),
            complete: Box::new(complete),
            completed: AtomicUsize::new(0),
        })
    }

    /// How many replies the provider was given.
    pub(crate) fn completed(&self) -> usize {
        self.completed.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Provider for Puppet {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &str {
        self.id.as_str()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn begin(&self, login: &LoginContext) -> Step {
        (self.begin)(login)
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Step {
        self.completed.fetch_add(1, Ordering::SeqCst);
        (self.complete)(login, reply)
    }

    async fn recheck(&self, _: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        Ok(Standing::Unknown)
    }
}

/// The user `name` of the provider `id`.
pub(crate) fn user(id: &str, name: &str) -> Identity {
    let provider = ProviderId::parse(id).unwrap();
    Identity {
        subject: Subject::of(&provider, name).unwrap(),
        provider,
        ..alice()
    }
}

/// The user `name` of the provider `id` has logged in.
pub(crate) fn done(id: &str, name: &str) -> LoginStep {
    LoginStep::Done(Box::new(Login::of(user(id, name))))
}
