//! Why a document is not taken.

use thiserror::Error;
use vestibule_protocol::{ClientDocumentError, ClientDocumentUrlError, ClientId, OAuthErrorCode};

use crate::{FetchError, Limited};

/// Why the document of a client is not taken; each says what to change, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentRefusal {
    /// None is.
    #[error(
        "client_id is an address, and clients are not read from documents here: register, or ask the operator for a client id"
    )]
    Disabled,
    /// Its address is none.
    #[error("client_id {0}")]
    Address(ClientDocumentUrlError),
    /// The operator does not let it in.
    #[error("the operator does not let in clients of {0} ([client_documents] allow and block)")]
    NotAdmitted(String),
    /// The operator has not approved it yet.
    #[error("this client waits for the operator's approval: vestibule clients approve {0}")]
    AwaitsApproval(ClientId),
    /// Nobody has begun a login with it.
    #[error("this client is not known here yet: begin at the authorization endpoint")]
    NeverRead,
    /// It cannot be fetched.
    #[error("the client's document cannot be read: {0}")]
    Fetch(FetchError),
    /// It does not hold.
    #[error("the client's document at {0} {1}")]
    Invalid(String, ClientDocumentError),
}

impl DocumentRefusal {
    /// Whether another try may well succeed, with nothing changed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_passing())
    }

    /// Whether an operator's word would do.
    pub fn awaits_approval(&self) -> bool {
        matches!(self, Self::AwaitsApproval(_))
    }

    /// Which limit it ran into, if it was one.
    pub fn limited(&self) -> Option<Limited> {
        match self {
            Self::Fetch(FetchError::TooOften(limited)) => Some(*limited),
            _ => None,
        }
    }

    /// The code that an answer carries.
    pub fn code(&self) -> OAuthErrorCode {
        if self.is_passing() {
            OAuthErrorCode::TemporarilyUnavailable
        } else {
            OAuthErrorCode::InvalidClient
        }
    }

    /// The reason in a word, for whoever counts.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Disabled => "document_disabled",
            Self::Address(_) => "document_address",
            Self::NotAdmitted(_) => "document_not_admitted",
            Self::AwaitsApproval(_) => "document_awaits_approval",
            Self::NeverRead => "document_never_read",
            Self::Fetch(_) => "document_unreadable",
            Self::Invalid(..) => "document_invalid",
        }
    }

    /// Whether it came of asking the host.
    pub(super) fn was_fetched(&self) -> bool {
        match self {
            Self::Fetch(error) => !matches!(error, FetchError::TooOften(_)),
            Self::Invalid(..) => true,
            Self::Disabled
            | Self::Address(_)
            | Self::NotAdmitted(_)
            | Self::AwaitsApproval(_)
            | Self::NeverRead => false,
        }
    }
}
