//! What a document has to say.

use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::ClientDocumentUrl;
use crate::registration::MetadataSource;
use crate::{ClientMetadata, RedirectPolicy, RegistrationError, ValidMetadata};

/// What a document has beside client metadata, and what it must not have.
#[derive(Deserialize)]
struct Identity {
    #[serde(rename = "client_id")]
    id: Option<String>,
    #[serde(rename = "client_secret")]
    secret: Option<IgnoredAny>,
    #[serde(rename = "client_secret_expires_at")]
    secret_expires_at: Option<IgnoredAny>,
}

/// Why a document makes no client.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientDocumentError {
    /// It is served as something else.
    #[error("is served as {0}; serve it as application/json")]
    MediaType(String),
    /// It is no JSON object of the right shape.
    #[error("is not a JSON object of client metadata: {0}")]
    NotMetadata(String),
    /// It names no client id, or another one.
    #[error("has another client_id than its address; write the address, byte for byte")]
    ClientId,
    /// It has a secret in it.
    #[error("has a client_secret, which the world can read; take it out, and use private_key_jwt or none")]
    Secret,
    /// Its metadata are not acceptable.
    #[error("is not acceptable: {0}")]
    Metadata(#[from] RegistrationError),
}

/// Judges the document that was found at a client's address.
///
/// # Errors
/// [`ClientDocumentError`] says what to change.
pub fn validate_client_document(
    url: &ClientDocumentUrl,
    media_type: Option<&str>,
    body: &[u8],
    redirects: RedirectPolicy,
) -> Result<ValidMetadata, ClientDocumentError> {
    if !media_type.is_some_and(is_json) {
        let told = media_type.unwrap_or("nothing in particular");
        return Err(ClientDocumentError::MediaType(told.chars().take(80).collect()));
    }
    // RFC 8259 §8.1: JSON text “MUST be encoded using UTF-8”, also where nobody reads it.
    let body =
        std::str::from_utf8(body).map_err(|error| ClientDocumentError::NotMetadata(error.to_string()))?;
    let not_metadata = |error: serde_json::Error| ClientDocumentError::NotMetadata(error.to_string());
    let identity: Identity = serde_json::from_str(body).map_err(not_metadata)?;
    // "The Client ID Metadata Document MUST contain a client_id property whose value MUST match the Client Identifier URL […];
    // comparisons MUST be made using simple string comparison"
    if identity.id.as_deref() != Some(url.id().as_str()) {
        return Err(ClientDocumentError::ClientId);
    }
    // "the client_secret and client_secret_expires_at properties MUST NOT be used"
    if identity.secret.is_some() || identity.secret_expires_at.is_some() {
        return Err(ClientDocumentError::Secret);
    }
    let metadata: ClientMetadata = serde_json::from_str(body).map_err(not_metadata)?;
    Ok(metadata.validate_from(MetadataSource::Document, redirects)?)
}

/// `application/json`, or `application/<something>+json`, whatever its parameters.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|kind| kind == "json" || (kind.ends_with("+json") && kind.len() > "+json".len()))
}
