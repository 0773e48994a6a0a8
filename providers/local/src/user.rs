//! One user.

use vestibule_protocol::{IdError, ProviderId, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;

use crate::Password;

/// A user that the operator wrote down.
#[derive(Debug, Clone)]
pub struct LocalUser {
    /// The name to log in with; also the upstream subject.
    pub username: String,
    /// The password.
    pub password: Password,
    /// The name for people to read.
    pub name: Option<String>,
    /// The email address; the operator vouches for it.
    pub email: Option<String>,
    /// The user's groups.
    pub groups: Vec<String>,
    /// The user's roles.
    pub roles: Vec<String>,
    /// The scopes that the user has.
    pub scopes: ScopeSet,
}

impl LocalUser {
    pub(crate) fn identity(&self, provider: &ProviderId, now: Timestamp) -> Result<Identity, IdError> {
        Ok(Identity {
            subject: Subject::of(provider, &self.username)?,
            provider: provider.clone(),
            issuer: None,
            auth_time: now,
            name: self.name.clone(),
            username: Some(self.username.clone()),
            email: self.email.clone(),
            email_verified: self.email.is_some(),
            picture: None,
            groups: self.groups.clone(),
            roles: self.roles.clone(),
            scopes: Some(self.scopes.clone()),
        })
    }
}
