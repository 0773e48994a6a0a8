//! Who logged in.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{ProviderId, ScopeSet, Subject, Timestamp};

/// A person, as one provider vouches for them.
///
/// The key is (provider, issuer, subject), never the email address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The subject that the broker's tokens carry: unique across providers.
    pub subject: Subject,
    /// The provider that vouches.
    pub provider: ProviderId,
    /// The upstream issuer, where the provider has one.
    pub issuer: Option<String>,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// The user's name, for people to read.
    pub name: Option<String>,
    /// The short name by which the user goes.
    pub username: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// Whether the provider says that the address was proven to be the user's.
    pub email_verified: bool,
    /// The address of a picture of the user.
    pub picture: Option<String>,
    /// The groups that the provider puts the user in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The roles that the provider gives the user.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The scopes that the provider itself grants the user, where it knows such a thing.
    pub scopes: Option<ScopeSet>,
}

impl Identity {
    /// Somebody of whom nothing is known but who it is, and when they proved it.
    pub fn of(provider: &ProviderId, subject: Subject, auth_time: Timestamp) -> Self {
        Self {
            subject,
            provider: provider.clone(),
            issuer: None,
            auth_time,
            name: None,
            username: None,
            email: None,
            email_verified: false,
            picture: None,
            groups: Vec::new(),
            roles: Vec::new(),
            scopes: None,
        }
    }

    /// The email address, if it was verified: the only form in which policy may see it.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }

    /// What to call the user on a page.
    pub fn display_name(&self) -> &str {
        self.name
            .as_deref()
            .or(self.username.as_deref())
            .or(self.email.as_deref())
            .unwrap_or(self.subject.as_str())
    }
}
