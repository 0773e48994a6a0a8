//! A project, the provider before it, and one login at a time.
#![expect(
    clippy::disallowed_methods,
    reason = "the stand-in's tokens are of the real time"
)]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use url::Url;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_protocol::{Issuer, ProviderId, Secret, Timestamp};
use vestibule_provider::{
    Form, Login as LoggedIn, LoginContext, LoginStep, Provider as _, ProviderError, Reply, Sealed,
    UpstreamSession,
};
use vestibule_provider_supabase::{AtLogout, NativeProvider, NativeSettings, SecondFactor};
use vestibule_tests::{Person, Signing, Supabase};

/// The line that the docs say belongs into the allow-list.
pub(crate) const ALLOWED: &str = "http://localhost:3009/oauth/callback/supabase*";

pub(crate) struct Rig {
    pub(crate) supabase: Supabase,
    pub(crate) provider: NativeProvider,
}

/// A project that ada and mia, who has a second factor, have signed up at.
pub(crate) fn rig() -> Rig {
    rig_with(Signing::Es256, |settings| settings)
}

pub(crate) fn rig_with(signing: Signing, change: impl FnOnce(NativeSettings) -> NativeSettings) -> Rig {
    let supabase = Supabase::start_with(signing);
    supabase.add(Person::new("ada@example.com").password("correct horse"));
    supabase.add(
        Person::new("mia@example.com")
            .password("pw")
            .factor("totp", "123456"),
    );
    supabase.allow_redirect(ALLOWED);
    let provider = provider(change(settings(&supabase)));
    Rig { supabase, provider }
}

pub(crate) fn provider(settings: NativeSettings) -> NativeProvider {
    let limits = Limits {
        time: Duration::from_millis(500),
        ..Limits::default()
    };
    provider_through(settings, Outbound::new(Reach::Private, limits).unwrap())
}

pub(crate) fn provider_through(settings: NativeSettings, outbound: Outbound) -> NativeProvider {
    let id = ProviderId::parse("supabase").unwrap();
    NativeProvider::new(id, "Supabase".to_owned(), settings, outbound).unwrap()
}

pub(crate) fn settings(supabase: &Supabase) -> NativeSettings {
    NativeSettings {
        url: supabase.url().parse().unwrap(),
        publishable_key: supabase.publishable_key().parse().unwrap(),
        issuer: Issuer::parse(&format!("{}/auth/v1", supabase.url())).unwrap(),
        methods: None,
        second_factor: SecondFactor::default(),
        jwt_secret: None,
        groups: None,
        roles: None,
        at_logout: AtLogout::default(),
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis().try_into().unwrap())
}

/// What the broker tells a provider about a login.
pub(crate) fn context() -> LoginContext {
    LoginContext {
        now: now(),
        begun_at: now(),
        callback_url: Url::parse("http://localhost:3009/oauth/callback/supabase").unwrap(),
        state: "the-state_of-this-login".to_owned(),
        nonce: "nonce".to_owned(),
        pkce_verifier: Secret::new("v".repeat(43)),
        login_hint: None,
        force_login: false,
        kept: None,
    }
}

/// One login under way.
pub(crate) struct Login<'r> {
    provider: &'r NativeProvider,
    pub(crate) context: LoginContext,
}

impl Rig {
    pub(crate) fn login(&self) -> Login<'_> {
        Login::at(&self.provider)
    }

    /// Logs ada in with her password.
    pub(crate) async fn ada(&self) -> Box<LoggedIn> {
        let mut login = self.login();
        login.begin().await.unwrap();
        done(
            login
                .send(&[("email", "ada@example.com"), ("password", "correct horse")])
                .await
                .unwrap(),
        )
    }
}

impl<'r> Login<'r> {
    pub(crate) fn at(provider: &'r NativeProvider) -> Self {
        let context = context();
        Self { provider, context }
    }

    pub(crate) async fn begin(&mut self) -> Result<LoginStep, ProviderError> {
        let step = self.provider.begin(&self.context).await?;
        Ok(self.keep(step))
    }

    /// Sends the form.
    pub(crate) async fn send(&mut self, fields: &[(&str, &str)]) -> Result<LoginStep, ProviderError> {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
        self.reply(Reply::Form(fields.collect())).await
    }

    /// Comes back with these parameters.
    pub(crate) async fn come_back(&mut self, url: &Url) -> Result<LoginStep, ProviderError> {
        let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        self.reply(Reply::Callback(parameters)).await
    }

    pub(crate) async fn reply(&mut self, reply: Reply) -> Result<LoginStep, ProviderError> {
        let step = self.provider.complete(&self.context, reply).await?;
        Ok(self.keep(step))
    }

    fn keep(&mut self, step: LoginStep) -> LoginStep {
        if let LoginStep::Redirect(_, kept) | LoginStep::Ask(_, kept) = &step {
            self.context.kept = Some(kept.clone());
        }
        step
    }

    pub(crate) fn kept(&self) -> Option<&Sealed> {
        self.context.kept.as_ref()
    }
}

/// Follows redirects as a browser does, as long as they stay with the project.
pub(crate) async fn browse(supabase: &Supabase, from: Url) -> Url {
    let browser = Outbound::new(Reach::Private, Limits::default()).unwrap();
    let mut at = from;
    while at.as_str().starts_with(&supabase.url()) {
        let request = http::Request::get(at.as_str()).body(Bytes::new()).unwrap();
        let answer = browser.send(request).await.unwrap();
        let next = answer
            .headers()
            .get("location")
            .unwrap_or_else(|| panic!("no redirect from {at}: {answer:?}"));
        at = at.join(next.to_str().unwrap()).unwrap();
    }
    at
}

pub(crate) fn form(step: LoginStep) -> Form {
    match step {
        LoginStep::Ask(form, _) => form,
        other => panic!("no form, but {other:?}"),
    }
}

pub(crate) fn problem(step: LoginStep) -> String {
    let form = form(step);
    form.problem
        .clone()
        .unwrap_or_else(|| panic!("no problem in {form:?}"))
}

pub(crate) fn redirect(step: LoginStep) -> Url {
    match step {
        LoginStep::Redirect(url, _) => url,
        other => panic!("no redirect, but {other:?}"),
    }
}

pub(crate) fn done(step: LoginStep) -> Box<LoggedIn> {
    match step {
        LoginStep::Done(login) => login,
        other => panic!("not logged in, but {other:?}"),
    }
}

pub(crate) fn upstream(login: &LoggedIn) -> UpstreamSession {
    login.upstream.clone().unwrap()
}

pub(crate) fn alternatives(form: &Form) -> Vec<&str> {
    form.alternatives.iter().map(|way| way.value.as_str()).collect()
}
