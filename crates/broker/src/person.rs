//! What a client is told of a person.

use vestibule_protocol::{Scope, ScopeSet};
use vestibule_provider::Identity;

/// The claims about a person that the scopes allow
/// ([OpenID Connect Core §5.4](https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims)).
#[derive(Debug, Default)]
pub(crate) struct PersonClaims {
    pub(crate) name: Option<String>,
    pub(crate) preferred_username: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<bool>,
}

impl PersonClaims {
    pub(crate) fn of(identity: &Identity, scopes: &ScopeSet) -> Self {
        let mut claims = Self::default();
        if scopes.contains(Scope::PROFILE) {
            claims.name.clone_from(&identity.name);
            claims.preferred_username.clone_from(&identity.username);
            claims.picture.clone_from(&identity.picture);
        }
        if scopes.contains(Scope::EMAIL) {
            claims.email.clone_from(&identity.email);
            claims.email_verified = identity.email.is_some().then_some(identity.email_verified);
        }
        claims
    }
}
