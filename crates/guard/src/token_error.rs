use thiserror::Error;
use vestibule_jose::VerifyError;

use crate::introspection::IntrospectionError;
use crate::keys::KeysError;
use crate::status::StatusError;

/// Why a token does not open the door.
#[derive(Debug, Error)]
pub enum TokenError {
    /// It fails a check of its form, signature or claims.
    #[error(transparent)]
    Unverified(#[from] VerifyError),
    /// Its session has ended.
    #[error("the session of the token has ended")]
    Revoked,
    /// It refers to no entry of a status list of its issuer.
    #[error("the token's status refers to nothing")]
    BadStatus,
    /// The issuer does not know it, or no longer.
    #[error("the token is not active")]
    Inactive,
    /// It is bound to a key, and was presented without proof of that key: over HTTP in the wrong scheme, and where there is no
    /// HTTP request, nothing can be proved.
    #[error(
        "the token is bound to a key (DPoP), and nothing here proves that key: use one that is bound to none"
    )]
    BoundToKey,
    /// It is bound to another key than the one that was proved.
    #[error("the token is bound to another key than the one that was proved")]
    BoundToAnotherKey,
    /// It is bound to no key, and was presented with a proof of one.
    #[error("the token is bound to no key and is a bearer token")]
    BearerAlone,
    /// It is bound to no key, and this server takes no other tokens.
    #[error("the token is bound to no key, and only tokens that are (DPoP) are taken here")]
    NotBound,
    /// It cannot be judged, because the issuer's keys are out of reach.
    #[error("the token cannot be judged without the issuer's keys")]
    NoKeys(#[source] KeysError),
    /// It cannot be judged, because its status is not known.
    #[error("the token cannot be judged without its status")]
    NoStatus(#[source] StatusError),
    /// It cannot be judged, because the issuer does not answer.
    #[error("the token cannot be judged without the issuer")]
    NoIntrospection(#[source] IntrospectionError),
}
