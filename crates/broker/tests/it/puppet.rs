//! A provider that does what a test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use url::Url;
use vestibule_protocol::{ProviderId, Secret, Subject, Timestamp};
use vestibule_provider::{
    Alternative, Capabilities, Form, Identity, Leaving, Login, LoginContext, LoginStep, LogoutNotice,
    Provider, ProviderError, Reply, Sealed, Standing, UpstreamSession,
};

use crate::fixture::alice;

type Step = Result<LoginStep, ProviderError>;
type Begin = dyn Fn(&LoginContext) -> Step + Send + Sync;
type Complete = dyn Fn(&LoginContext, Reply) -> Step + Send + Sync;
type Recheck = dyn Fn(&UpstreamSession) -> Result<Standing, ProviderError> + Send + Sync;
type ReadNotice = dyn Fn(&str) -> Result<LogoutNotice, ProviderError> + Send + Sync;

/// The strings are pulled by closures.
pub(crate) struct Puppet {
    id: ProviderId,
    begin: Box<Begin>,
    complete: Box<Complete>,
    completed: AtomicUsize,
    pub(crate) capabilities: Capabilities,
    recheck: Mutex<Box<Recheck>>,
    rechecked: AtomicUsize,
    pub(crate) notices: Box<ReadNotice>,
    pub(crate) down: Option<&'static str>,
}

impl Puppet {
    pub(crate) fn new(
        id: &str,
        begin: impl Fn(&LoginContext) -> Step + Send + Sync + 'static,
        complete: impl Fn(&LoginContext, Reply) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self::loose(id, begin, complete))
    }

    /// One whose strings are still to be tied.
    pub(crate) fn loose(
        id: &str,
        begin: impl Fn(&LoginContext) -> Step + Send + Sync + 'static,
        complete: impl Fn(&LoginContext, Reply) -> Step + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: ProviderId::parse(id).unwrap(),
            begin: Box::new(begin),
            complete: Box::new(complete),
            completed: AtomicUsize::new(0),
            capabilities: Capabilities::default(),
            recheck: Mutex::new(Box::new(|_| Ok(Standing::Unknown))),
            rechecked: AtomicUsize::new(0),
            notices: Box::new(|_| Err(ProviderError::Rejected("none is sent".to_owned()))),
            down: None,
        }
    }

    /// Logs in at the press of a button, as what `login` makes of the button's value.
    pub(crate) fn buttons(
        id: &str,
        names: &[&str],
        login: impl Fn(&str) -> Login + Send + Sync + 'static,
    ) -> Self {
        let alternative = |name: &&str| Alternative {
            value: (*name).to_owned(),
            label: (*name).to_owned(),
        };
        let form = Form {
            intro: None,
            account: None,
            fields: Vec::new(),
            submit: String::new(),
            alternatives: names.iter().map(alternative).collect(),
            problem: None,
        };
        Self::loose(
            id,
            move |_| Ok(LoginStep::Ask(form.clone(), Sealed::default())),
            move |_, reply| match reply {
                Reply::Form(fields) => {
                    let who = fields.get(Alternative::FIELD).map_or("", Secret::expose);
                    Ok(LoginStep::Done(Box::new(login(who))))
                }
                Reply::Callback(_) => Err(ProviderError::Rejected("a callback".to_owned())),
            },
        )
    }

    /// From now on, what the provider says of its users.
    pub(crate) fn says(
        &self,
        recheck: impl Fn(&UpstreamSession) -> Result<Standing, ProviderError> + Send + Sync + 'static,
    ) {
        *self.recheck.lock().unwrap() = Box::new(recheck);
    }

    /// How many replies the provider was given.
    pub(crate) fn completed(&self) -> usize {
        self.completed.load(Ordering::SeqCst)
    }

    /// How often the provider was asked about a user.
    pub(crate) fn rechecked(&self) -> usize {
        self.rechecked.load(Ordering::SeqCst)
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
        self.capabilities
    }

    async fn begin(&self, login: &LoginContext) -> Step {
        (self.begin)(login)
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Step {
        self.completed.fetch_add(1, Ordering::SeqCst);
        (self.complete)(login, reply)
    }

    async fn recheck(&self, upstream: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        self.rechecked.fetch_add(1, Ordering::SeqCst);
        // Others get a turn, as on the way to a real provider.
        for _ in 0..32 {
            tokio::task::yield_now().await;
        }
        (self.recheck.lock().unwrap())(upstream)
    }

    async fn logout(&self, leaving: &Leaving) -> Result<Option<Url>, ProviderError> {
        let kept = leaving
            .upstream
            .as_ref()
            .map_or(&b""[..], |upstream| upstream.kept.expose());
        let pairs = [
            ("hint", std::str::from_utf8(kept).unwrap()),
            ("back", leaving.return_to.as_str()),
            ("state", leaving.state.as_str()),
        ];
        Ok(Url::parse_with_params("https://id.example/logout", pairs).ok())
    }

    async fn read_logout_token(&self, token: &str, _: Timestamp) -> Result<LogoutNotice, ProviderError> {
        (self.notices)(token)
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        match self.down {
            Some(why) => Err(ProviderError::Unavailable(why.to_owned())),
            None => Ok(()),
        }
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

/// A login of that user, of which the provider keeps a refresh token.
pub(crate) fn kept_login(id: &str, name: &str, sid: Option<&str>, kept: &str) -> Login {
    let identity = user(id, name);
    let upstream = UpstreamSession {
        subject: identity.subject.clone(),
        sid: sid.map(str::to_owned),
        sub: None,
        kept: Sealed::new(kept),
    };
    Login {
        upstream: Some(upstream),
        ..Login::of(identity)
    }
}

/// The user `name` of the provider `id` has logged in.
pub(crate) fn done(id: &str, name: &str) -> LoginStep {
    LoginStep::Done(Box::new(Login::of(user(id, name))))
}
