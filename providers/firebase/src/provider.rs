//! The provider itself.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use vestibule_outbound::{Limits, Outbound};
use vestibule_protocol::{ProviderId, Secret, Timestamp};
use vestibule_provider::{
    Capabilities, Examination, Finding, Login, LoginContext, LoginStep, Once, Provider, ProviderError, Reply,
    ScriptAsset, Standing, UpstreamSession,
};

use crate::api::{Admin, Api, ApiError};
use crate::identity::identity;
use crate::server::Outcome;
use crate::standing::Exchange;
use crate::token::{Claims, LEEWAY, TokenRules, Verifier};
use crate::{Backend, FirebaseSettings, Mode, SecondFactor};
use crate::{examine, page, server};

const OTHER_WAY: &str = "This way of signing in is not accepted here. Choose another one.";
const NO_SECOND_FACTOR: &str = "Signing in here takes a second factor, such as an authenticator app. Add one to your account, then try again.";

/// Firebase Authentication, one project of it.
#[derive(Debug)]
pub struct FirebaseProvider {
    id: ProviderId,
    name: String,
    settings: FirebaseSettings,
    api: Api,
    verifier: Verifier,
    rules: TokenRules,
    admin: Option<Admin>,
}

impl FirebaseProvider {
    /// A provider for one project.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when the emulator is to be believed by a broker that others can reach, or calls
    /// cannot be set up.
    pub fn new(id: ProviderId, name: String, settings: FirebaseSettings) -> Result<Self, ProviderError> {
        if let Backend::Emulator(host) = &settings.backend {
            if !settings.broker.is_loopback() {
                return Err(ProviderError::Misconfigured(
                    "the Firebase emulator's tokens are unsigned: a broker that others can reach must not believe them"
                        .to_owned(),
                ));
            }
            tracing::warn!(
                provider = %id,
                emulator = host.origin(),
                "THE FIREBASE EMULATOR IS BELIEVED: its tokens are unsigned, and whoever reaches it can be anybody"
            );
        }
        let outbound = Outbound::new(settings.backend.reach(), Limits::default())
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        let admin = settings
            .admin
            .clone()
            .map(|authority| Admin::new(&settings, authority, outbound.clone()))
            .transpose()?;
        Ok(Self {
            admin,
            id,
            name,
            api: Api::new(&settings, outbound.clone()),
            verifier: Verifier::new(&settings, outbound)?,
            rules: TokenRules::of(&settings),
            settings,
        })
    }

    /// Judges a login by its two tokens.
    async fn judge(
        &self,
        login: &LoginContext,
        id_token: &Secret,
        refresh_token: &Secret,
    ) -> Result<Judged, ProviderError> {
        let claims = self.verifier.verify(id_token, &self.rules, login.now).await?;
        claims
            .check_fresh(login.begun_at, login.now)
            .map_err(|fault| ProviderError::Rejected(format!("the ID token {fault}")))?;
        if let Some(problem) = self.refuses(&claims) {
            return Ok(Judged::Refused(problem));
        }
        // The refresh token is what the user is re-checked by, so it has to be this user's, and good.
        let kept = match self.exchange(refresh_token, &claims.sub, login.now).await? {
            Exchange::Good(kept) => kept,
            Exchange::Gone(cause) => return Err(ProviderError::Denied(cause)),
            Exchange::Unproven(_, error) => return Err(error),
        };
        let expires_at = claims.exp + LEEWAY;
        let identity = identity(&self.id, &self.settings, claims)?;
        let upstream = UpstreamSession {
            subject: identity.subject.clone(),
            sid: None,
            sub: None,
            kept,
        };
        Ok(Judged::Good(Box::new(Login {
            identity,
            upstream: Some(upstream),
            once: Some(Once {
                key: URL_SAFE_NO_PAD.encode(Sha256::digest(id_token.expose())),
                expires_at,
            }),
        })))
    }

    /// What to tell a user whose sign-in is real but not good enough here.
    fn refuses(&self, claims: &Claims) -> Option<&'static str> {
        let sign_in = &claims.firebase;
        if !self
            .settings
            .sign_in_providers
            .contains(&sign_in.sign_in_provider)
        {
            tracing::info!(
                provider = %self.id,
                sign_in_provider = sign_in.sign_in_provider,
                "a sign-in was refused: its sign_in_provider is not among those accepted"
            );
            return Some(OTHER_WAY);
        }
        let lacking = sign_in.sign_in_second_factor.is_none();
        if lacking && self.settings.second_factor == SecondFactor::Required {
            tracing::info!(provider = %self.id, "a sign-in was refused: it had no second factor");
            return Some(NO_SECOND_FACTOR);
        }
        None
    }

    pub(crate) fn settings(&self) -> &FirebaseSettings {
        &self.settings
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn rules(&self) -> &TokenRules {
        &self.rules
    }

    pub(crate) fn admin(&self) -> Option<&Admin> {
        self.admin.as_ref()
    }
}

enum Judged {
    Good(Box<Login>),
    Refused(&'static str),
}

#[async_trait]
impl Provider for FirebaseProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            recheck: true,
            ..Capabilities::default()
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        Ok(match &self.settings.mode {
            Mode::Page { ways, recaptcha } => page::show(&self.settings, ways, *recaptcha, login, None),
            Mode::Server => server::begin(login),
        })
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Form(fields) = reply else {
            return Err(ProviderError::Rejected(
                "Firebase sends nobody to the callback".to_owned(),
            ));
        };
        match &self.settings.mode {
            Mode::Page { ways, recaptcha } => {
                let (id_token, refresh_token) = page::read(fields)?;
                Ok(match self.judge(login, &id_token, &refresh_token).await? {
                    Judged::Good(done) => LoginStep::Done(done),
                    Judged::Refused(problem) => {
                        page::show(&self.settings, ways, *recaptcha, login, Some(problem.to_owned()))
                    }
                })
            }
            Mode::Server => {
                let mut outcome = server::go_on(&self.api, login, fields).await?;
                if let Outcome::Tokens(tokens) = &outcome {
                    match self.judge(login, &tokens.id_token, &tokens.refresh_token).await? {
                        Judged::Good(done) => return Ok(LoginStep::Done(done)),
                        Judged::Refused(problem) => outcome = server::start_again(problem),
                    }
                }
                match outcome {
                    Outcome::Ask(asked) => Ok(LoginStep::Ask(asked.0, asked.1)),
                    Outcome::Tokens(_) => Err(ProviderError::Rejected("the login led nowhere".to_owned())),
                }
            }
        }
    }

    async fn recheck(&self, upstream: &UpstreamSession, now: Timestamp) -> Result<Standing, ProviderError> {
        self.stand(upstream, now).await
    }

    fn assets(&self) -> Vec<ScriptAsset> {
        match self.settings.mode {
            Mode::Page { .. } => page::assets(),
            Mode::Server => Vec::new(),
        }
    }

    async fn ready(&self) -> Result<(), ProviderError> {
        match &self.verifier {
            Verifier::Signed { keys, .. } => keys.current().await.map(drop),
            Verifier::Emulator => self
                .api
                .project()
                .await
                .map(drop)
                .map_err(ApiError::into_provider_error),
        }
    }

    async fn examine(&self, examination: &Examination) -> Vec<Finding> {
        examine::examine(self, examination).await
    }
}
