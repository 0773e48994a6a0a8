//! What one provider looks at beyond the book.

use vestibule_provider::{Identity, ProviderError};

use crate::{ClaimPath, Claims};

/// The claims of a login, each verified.
#[derive(Debug)]
pub struct Evidence {
    /// Those of the ID token.
    pub id_token: Claims,
    /// Those of userinfo, where it had to be asked.
    pub userinfo: Option<Claims>,
    /// Those of the access token, where [`Upstream::access_token_audience`](crate::Upstream::access_token_audience) asks for
    /// them.
    pub access_token: Option<Claims>,
}

impl Evidence {
    /// The value at this place in the ID token or, if it is not there, in userinfo.
    pub fn at(&self, path: &ClaimPath) -> Option<&serde_json::Value> {
        let userinfo = || self.userinfo.as_ref().and_then(|claims| claims.at(path));
        self.id_token.at(path).or_else(userinfo)
    }
}

/// What a provider asks of a login beyond the rules of OpenID Connect.
///
/// It is asked at each login, and again at each re-check that brings a new ID token.
pub trait Scrutiny: Send + Sync {
    /// Looks at a login whose tokens hold. It may refuse the login, and may change the identity that was made of it.
    ///
    /// # Errors
    /// [`ProviderError::Denied`] for a user who may not come in, [`ProviderError::Misconfigured`] where something has to be
    /// changed at the provider first.
    fn scrutinise(&self, evidence: &Evidence, identity: &mut Identity) -> Result<(), ProviderError>;
}

/// Nothing beyond the book.
impl Scrutiny for () {
    fn scrutinise(&self, _evidence: &Evidence, _identity: &mut Identity) -> Result<(), ProviderError> {
        Ok(())
    }
}
