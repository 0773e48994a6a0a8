//! The ID token by which a client says whose login is to end.

use std::time::Duration;

use vestibule_jose::{Expected, IdTokenClaims, TokenType, verify};

use crate::Broker;

/// How long ago a hint may have expired: longer than any key is kept that could have signed it.
const HOWEVER_OLD: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

impl Broker {
    /// Reads an ID token that this broker issued; `None` for whatever is not one.
    ///
    /// > the OP SHOULD accept ID Tokens when the RP identified by the ID Token's `aud` claim and/or `sid` claim has a current
    /// > session or had a recent session at the OP, even when the `exp` time has passed.
    /// > ([RP-Initiated Logout §4](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#ValidationAndErrorHandling))
    pub(super) fn read_hint(&self, token: &str) -> Option<IdTokenClaims> {
        let expected =
            Expected::new(self.settings.issuer.clone(), TokenType::IdToken).with_leeway(HOWEVER_OLD);
        let keys = self.keys.current();
        verify(token, keys.keyring.verifying_keys(), &expected, self.now()).ok()
    }
}
