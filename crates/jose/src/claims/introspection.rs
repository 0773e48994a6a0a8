use serde::Serialize;
use vestibule_protocol::{ClientId, IntrospectionResponse, Issuer, Timestamp};

use crate::numeric_date;

/// A signed introspection answer ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)). What it tells of the token
/// stands in one claim of its own, so that the answer is never taken for the token.
#[derive(Debug, Serialize)]
pub struct IntrospectionClaims {
    /// The broker.
    pub iss: Issuer,
    /// Who asked.
    pub aud: ClientId,
    /// When it was answered.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// The answer.
    pub token_introspection: IntrospectionResponse,
}
