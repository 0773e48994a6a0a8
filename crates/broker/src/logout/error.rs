//! How a logout fails.

use thiserror::Error;
use vestibule_protocol::DuplicateParameter;

use crate::AccountError;
use crate::store::StoreError;

/// Why nothing was done. The texts of the client's own mistakes are for its developer.
#[derive(Debug, Error)]
pub enum LogoutError {
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// The hint is another client's.
    #[error("id_token_hint was issued to another client than client_id; send the client's own ID token")]
    ForeignHint,
    /// Nobody says who wants the browser back.
    #[error("post_logout_redirect_uri needs client_id beside it, or an id_token_hint that was issued here")]
    NoClient,
    /// There is no such client.
    #[error("no client of this client_id is known here; register again")]
    UnknownClient,
    /// The client never registered the address.
    #[error(
        "post_logout_redirect_uri is not among the client's registered post_logout_redirect_uris, character by character"
    )]
    NotRegistered,
    /// The form is not the page's, or nobody can be found.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
