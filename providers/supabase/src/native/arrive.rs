//! From a session at Supabase to an identity.

use serde_json::Value;
use vestibule_protocol::{Secret, Subject, Timestamp};
use vestibule_provider::{Identity, Login, LoginContext, LoginStep, ProviderError, UpstreamSession};

use super::NativeProvider;
use super::second_factor::askable;
use crate::api::{ApiError, Session, User};
use crate::settings::{MetadataPath, SecondFactor};
use crate::token::{Claims, Verified};

/// The longest name that is shown.
const LONGEST_NAME: usize = 256;

impl NativeProvider {
    /// Judges a session that was just opened: who it is, and whether a second factor is still due.
    pub(super) async fn arrive(
        &self,
        login: &LoginContext,
        session: Session,
        email: String,
    ) -> Result<LoginStep, ProviderError> {
        let (claims, user) = match self.vouch(&session.access_token, login.now).await {
            Ok(vouched) => vouched,
            Err(error) => {
                self.forget(&session.access_token).await;
                return Err(error);
            }
        };
        if claims.has_second_factor() {
            return self.done(login, &session, &claims, user).await;
        }
        let enrolled = user.factors.iter().any(|factor| factor.status == "verified");
        match (self.settings.second_factor, enrolled) {
            (SecondFactor::Never, _) | (SecondFactor::WhereEnrolled, false) => {
                self.done(login, &session, &claims, user).await
            }
            (SecondFactor::Always, false) => {
                self.refuse(login, &session, email, "You need a second factor to sign in here. Set one up, then sign in again.").await
            }
            (SecondFactor::WhereEnrolled | SecondFactor::Always, true) => match askable(&user.factors).first() {
                Some(factor) => self.ask_factor(user.id.clone(), &session, factor).await,
                None => {
                    self.refuse(login, &session, email, "Your second factor is of a kind that cannot be used here. Add an authenticator app to \
                                            your account, then sign in again.").await
                }
            },
        }
    }

    /// Takes the session that a second factor led to.
    pub(super) async fn arrive_lifted(
        &self,
        login: &LoginContext,
        session: Session,
        subject: &str,
    ) -> Result<LoginStep, ProviderError> {
        let (claims, user) = self.vouch(&session.access_token, login.now).await?;
        if user.id != subject {
            return Err(ProviderError::Rejected(
                "the second factor led to another user".to_owned(),
            ));
        }
        if !claims.has_second_factor() {
            return Err(ProviderError::Rejected(
                "the second factor was accepted, but the access token says nothing of it".to_owned(),
            ));
        }
        self.done(login, &session, &claims, user).await
    }

    /// Verifies the access token, and asks the project about its user.
    async fn vouch(&self, token: &Secret, now: Timestamp) -> Result<(Claims, User), ProviderError> {
        let Verified { claims, user } = self.verifier.verify(&self.api, token, now).await?;
        let user = match user {
            Some(user) => user,
            None => self.api.user(token).await?,
        };
        if user.id != claims.sub {
            return Err(ProviderError::Rejected(
                "the access token is about another user".to_owned(),
            ));
        }
        if user.is_anonymous {
            return Err(ProviderError::Rejected(
                "nobody vouches for who an anonymous user is".to_owned(),
            ));
        }
        Ok((claims, user))
    }

    async fn done(
        &self,
        login: &LoginContext,
        session: &Session,
        claims: &Claims,
        user: User,
    ) -> Result<LoginStep, ProviderError> {
        // Where addresses are confirmed without a proof, anybody may have claimed this one.
        let proven = !self.project().await?.mailer_autoconfirm;
        let identity = self.identity(user, proven, claims.proven_at(login.now))?;
        let upstream = UpstreamSession {
            subject: identity.subject.clone(),
            sid: claims.session_id.clone(),
            sub: None,
            kept: self.keep(session)?,
        };
        Ok(LoginStep::Done(Box::new(Login {
            upstream: Some(upstream),
            ..Login::of(identity)
        })))
    }

    fn identity(&self, user: User, proven: bool, auth_time: Timestamp) -> Result<Identity, ProviderError> {
        let subject =
            Subject::of(&self.id, &user.id).map_err(|error| ProviderError::Rejected(error.to_string()))?;
        let below = |path: &Option<MetadataPath>| {
            path.as_ref()
                .map(|path| path.texts_in(&user.app_metadata))
                .unwrap_or_default()
        };
        let (groups, roles) = (below(&self.settings.groups), below(&self.settings.roles));
        let email_verified = proven && user.has_shown_address();
        Ok(Identity {
            subject,
            provider: self.id.clone(),
            issuer: Some(self.settings.issuer.to_string()),
            auth_time,
            name: shown(&user.own_words, &["full_name", "name"]),
            username: None,
            email: user.email.filter(|email| !email.is_empty()),
            email_verified,
            picture: shown(&user.own_words, &["avatar_url", "picture"])
                .filter(|address| address.starts_with("https://")),
            groups,
            roles,
            scopes: None,
        })
    }

    /// Sends the user back to the first form, and leaves no session behind.
    async fn refuse(
        &self,
        login: &LoginContext,
        session: &Session,
        email: String,
        problem: &str,
    ) -> Result<LoginStep, ProviderError> {
        tracing::info!(provider = %self.id, "a login without the second factor that it needs: {problem}");
        self.forget(&session.access_token).await;
        self.start_over(login, email, problem).await
    }

    /// Ends a session that came to nothing. It would end by itself, so a failure is only noted.
    pub(super) async fn forget(&self, token: &Secret) {
        if let Err(error) = self.api.logout(token).await {
            match error {
                ApiError::Refused(refusal) if refusal.is_final() => {}
                error => tracing::info!(provider = %self.id, "a session at Supabase was left open: {error}"),
            }
        }
    }
}

/// A text for people to read, from what users write about themselves.
fn shown(own_words: &Value, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| own_words.get(name)?.as_str());
    found
        .filter(|text| !text.is_empty() && text.len() <= LONGEST_NAME)
        .map(str::to_owned)
}
