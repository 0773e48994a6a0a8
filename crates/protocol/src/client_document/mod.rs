//! Client ID Metadata Documents
//! ([draft-ietf-oauth-client-id-metadata-document-03](https://www.ietf.org/archive/id/draft-ietf-oauth-client-id-metadata-document-03.html)).

mod document;
mod url;

pub use document::{ClientDocumentError, validate_client_document};
pub use url::{ClientDocumentUrl, ClientDocumentUrlError, DocumentHosts};
