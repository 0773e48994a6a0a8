//! The claims that Vestibule writes, one file per kind of token.

mod access_token;
mod audience;
mod id_token;
mod introspection;
mod status;

pub use access_token::AccessTokenClaims;
pub use audience::Audience;
pub use id_token::IdTokenClaims;
pub use introspection::IntrospectionClaims;
pub use status::{EncodedStatusList, StatusClaim, StatusListClaims, StatusListReference};
pub use vestibule_protocol::Confirmation;
