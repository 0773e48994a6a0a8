//! The provider itself: one form, one question.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use vestibule_protocol::{ProviderId, Secret, Timestamp};
use vestibule_provider::{
    Capabilities, Field, FieldKind, Form, Login, LoginContext, LoginStep, Provider, ProviderError, Reply,
    Sealed, Standing, UpstreamSession,
};

use crate::password::hash_password;
use crate::{LocalUser, Password};

/// How many hashes may be computed at once: each takes 19 MiB and a core for some 20 ms.
const HASHES_AT_ONCE: usize = 2;

/// Users listed in the configuration.
pub struct LocalProvider {
    id: ProviderId,
    name: String,
    users: Arc<[LocalUser]>,
    /// What the password of an unknown user is checked against, so that the time does not tell who exists.
    nobody: Password,
    hashing: Arc<Semaphore>,
}

impl LocalProvider {
    /// A provider with these users.
    ///
    /// # Errors
    /// [`ProviderError::Misconfigured`] when a user's name cannot be a subject, or the decoy for unknown users cannot be
    /// hashed.
    pub fn new(id: ProviderId, name: String, users: Vec<LocalUser>) -> Result<Self, ProviderError> {
        for user in &users {
            user.identity(&id, Timestamp::from_secs(0)).map_err(|error| {
                ProviderError::Misconfigured(format!("user {:?}: {error}", user.username))
            })?;
        }
        let decoy = Secret::new("nobody has this password");
        let nobody = if users.iter().any(|user| user.password.is_hashed()) {
            hash_password(&decoy)
                .and_then(|phc| Password::hashed(&phc))
                .map_err(|error| ProviderError::Misconfigured(error.to_string()))?
        } else {
            Password::plain(decoy)
        };
        Ok(Self {
            id,
            name,
            users: users.into(),
            nobody,
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        })
    }

    async fn is_right(&self, user: Option<&LocalUser>, password: Secret) -> Result<bool, ProviderError> {
        let checked = user.map_or(&self.nobody, |user| &user.password).clone();
        let known = user.is_some();
        if !checked.is_hashed() {
            return Ok(checked.matches(&password) && known);
        }
        let unavailable = |error: &dyn std::fmt::Display| ProviderError::Unavailable(error.to_string());
        let _turn = self
            .hashing
            .acquire()
            .await
            .map_err(|error| unavailable(&error))?;
        let matches = tokio::task::spawn_blocking(move || checked.matches(&password))
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(matches && known)
    }
}

#[async_trait]
impl Provider for LocalProvider {
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
        let username = login.login_hint.clone().unwrap_or_default();
        Ok(LoginStep::Ask(form(username, None), Sealed::default()))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Form(mut fields) = reply else {
            return Err(ProviderError::Rejected(
                "local users log in by a form, not by a callback".to_owned(),
            ));
        };
        let username = fields
            .remove("username")
            .map(|name| name.expose().trim().to_owned())
            .unwrap_or_default();
        let password = fields.remove("password").unwrap_or_else(|| Secret::new(""));
        let user = self.users.iter().find(|user| user.username == username);
        if !self.is_right(user, password).await? {
            let problem = "The name or the password is wrong.".to_owned();
            return Ok(LoginStep::Ask(form(username, Some(problem)), Sealed::default()));
        }
        let user = user.ok_or_else(|| ProviderError::Rejected("the user is gone".to_owned()))?;
        let identity = user
            .identity(&self.id, login.now)
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        let upstream = UpstreamSession {
            subject: identity.subject.clone(),
            sid: None,
            sub: None,
            kept: Sealed::default(),
        };
        Ok(LoginStep::Done(Box::new(Login {
            identity,
            upstream: Some(upstream),
            once: None,
        })))
    }

    async fn recheck(&self, upstream: &UpstreamSession, _now: Timestamp) -> Result<Standing, ProviderError> {
        let username = upstream.subject.upstream();
        if self.users.iter().any(|user| user.username == username) {
            Ok(Standing::Good(upstream.clone()))
        } else {
            Ok(Standing::Gone(format!(
                "{username} is no longer in the configuration"
            )))
        }
    }
}

fn form(username: String, problem: Option<String>) -> Form {
    let field = |name: &str, label: &str, kind, value| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        value,
    };
    Form {
        intro: None,
        account: None,
        fields: vec![
            field("username", "Name", FieldKind::Username, username),
            field("password", "Password", FieldKind::Password, String::new()),
        ],
        submit: "Sign in".to_owned(),
        alternatives: Vec::new(),
        problem,
    }
}
