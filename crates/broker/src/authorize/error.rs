//! How an authorization request fails.

use thiserror::Error;
use vestibule_protocol::OAuthErrorCode;

use crate::client_documents::NoClient;
use crate::store::StoreError;
use crate::{ClientRedirect, DocumentRefusal, WalkError};

/// Why an authorization request did not reach a login.
#[derive(Debug, Error)]
pub enum AuthorizeError {
    /// The redirect URI cannot be trusted, so a person is told.
    #[error("{0}")]
    Page(#[from] UntrustedRequest),
    /// The client is told, by a redirect or when the person goes back.
    #[error("the request was answered with an error")]
    Redirect(ClientRedirect),
    /// The walk could not begin.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a request whose redirect URI is not yet trusted
/// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)).
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum UntrustedRequest {
    /// A parameter stands twice.
    #[error(
        "The parameter “{0}” stands more than once in the request. The app has to send each parameter once."
    )]
    Duplicate(String),
    /// There is no usable `client_id`.
    #[error(
        "The request has no usable client id. The app has to register here first and send the id that it was given."
    )]
    ClientIdMissing,
    /// The client is not known.
    #[error(
        "This app is not known here, or its registration has run out. Remove the server from the app and add it \
         again; the app then registers anew."
    )]
    ClientUnknown,
    /// The client was shut out.
    #[error("This app was blocked by the operator of this service.")]
    ClientBlocked,
    /// The client's document is not taken.
    #[error("The app names itself by an address, and cannot be let in by it: {0}.")]
    ClientDocument(Box<DocumentRefusal>),
    /// The request was not pushed by this client, has run out, or was used.
    #[error("This request is no longer good: it can be used once, and only for a moment.")]
    PushedRequestUnknown,
    /// There is no `redirect_uri`, and the client registered several.
    #[error(
        "The request names no redirect URI, and the app registered more than one. The app has to name one."
    )]
    RedirectUriMissing,
    /// The `redirect_uri` is not one that the client registered.
    #[error(
        "The redirect URI of the request is not one that the app registered ({registered}). If the app has changed, \
         remove the server from it and add it again."
    )]
    RedirectUriMismatch {
        /// What the client registered, for the developer who reads the page.
        registered: String,
    },
}

impl UntrustedRequest {
    /// The code that the page carries.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::ClientUnknown | Self::ClientBlocked => OAuthErrorCode::InvalidClient,
            Self::ClientDocument(refusal) => refusal.code(),
            Self::RedirectUriMismatch { .. } => OAuthErrorCode::InvalidRedirectUri,
            Self::Duplicate(_)
            | Self::ClientIdMissing
            | Self::PushedRequestUnknown
            | Self::RedirectUriMissing => OAuthErrorCode::InvalidRequest,
        }
    }
}

impl From<NoClient> for AuthorizeError {
    fn from(error: NoClient) -> Self {
        match error {
            NoClient::Document(refusal) => UntrustedRequest::ClientDocument(refusal).into(),
            NoClient::Store(error) => Self::Store(error),
        }
    }
}

/// An error that is safe to send to the redirect URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: OAuthErrorCode,
    pub(crate) description: String,
}

impl Refusal {
    pub(crate) fn new(code: OAuthErrorCode, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
        }
    }
}
