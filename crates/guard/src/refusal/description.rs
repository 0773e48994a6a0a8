use vestibule_jose::VerifyError;
use vestibule_jose::dpop::ProofError;

use super::{ProofFault, Refusal};
use crate::token_error::TokenError;

impl Refusal {
    /// Says to a developer what to change, and to a stranger nothing about the token.
    pub(super) fn description(&self) -> String {
        match self {
            Self::NoToken => {
                "Send an access token in the Authorization header; the challenge says where to get one."
                    .into()
            }
            Self::SeveralTokens => "Send exactly one Authorization header.".into(),
            Self::UnreadableToken => "What follows the scheme is not an access token.".into(),
            Self::Token(error) => describe_token_error(error),
            Self::Proof(fault) => describe_proof_fault(fault),
            Self::NonceNeeded(_) => sentence(&ProofError::Nonce),
            Self::ProofsUnknown => {
                "Whether the DPoP proof has been used before cannot be known at the moment; try again shortly.".into()
            }
            Self::InsufficientScope { needed, .. } => {
                format!("This call needs the scopes: {needed}.")
            }
            Self::UnknownMcpSession => "Session not found".into(),
            Self::ForeignOrigin => "Web pages of this origin may not call here.".into(),
            Self::BodyTooLarge { limit } => format!("The body may have at most {limit} bytes."),
            Self::EncodedBody => "Send the body without Content-Encoding.".into(),
            Self::BodyCutShort => "The body did not arrive in full.".into(),
            Self::BadJsonRpc(error) => error.to_string(),
        }
    }
}

fn describe_token_error(error: &TokenError) -> String {
    match error {
        TokenError::Unverified(VerifyError::WrongAudience) => {
            "The access token is for another server; ask for one with this server's resource.".into()
        }
        TokenError::Unverified(VerifyError::Expired) => "The access token has expired; refresh it.".into(),
        TokenError::Unverified(VerifyError::WrongType) => {
            "This is not an access token; an ID token or a refresh token does not open this door.".into()
        }
        TokenError::Unverified(error) => format!("The access token is refused: {error}."),
        TokenError::Revoked => "The session of the access token has ended; log in again.".into(),
        TokenError::Inactive => "The access token is not active.".into(),
        TokenError::BoundToKey => "The access token is bound to a key; send a DPoP proof of it.".into(),
        TokenError::BoundToAnotherKey => {
            "The access token is bound to another key; sign the proof with the key that it was asked for with."
                .into()
        }
        TokenError::BearerAlone => "The access token is bound to no key; send it as Bearer.".into(),
        TokenError::NotBound => {
            "This server takes only access tokens that are bound to a key; ask for one with a DPoP proof.".into()
        }
        TokenError::BadStatus => "The access token refers to no known status.".into(),
        TokenError::NoKeys(_) | TokenError::NoStatus(_) | TokenError::NoIntrospection(_) => {
            "The access token cannot be judged at the moment; try again shortly.".into()
        }
    }
}

fn describe_proof_fault(fault: &ProofFault) -> String {
    match fault {
        ProofFault::Missing => {
            "Send a DPoP header with a proof of the key that the access token is bound to.".into()
        }
        ProofFault::Wrong(error) => sentence(error),
        ProofFault::Spent => "The DPoP proof has been used before; make a new one for each request.".into(),
    }
}

/// Makes a sentence of an error's text.
fn sentence(error: &ProofError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.into_iter().collect::<String>(), chars.as_str())
}
