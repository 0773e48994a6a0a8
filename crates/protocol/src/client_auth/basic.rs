//! Client id and secret in an `Authorization` header.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::ClientAuthError;
use crate::{ClientId, Secret};

/// Base64 with padding or without: some clients leave it away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the header.
///
/// > The client identifier is encoded using the "application/x-www-form-urlencoded" encoding algorithm […], and the
/// > encoded value is used as the username; the client password is encoded using the same algorithm and used as the
/// > password. ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1))
pub(super) fn parse(header: &str) -> Result<(ClientId, Secret), ClientAuthError> {
    let (scheme, encoded) = header.trim().split_once(' ').ok_or(ClientAuthError::BadHeader)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(ClientAuthError::BadHeader);
    }
    let decoded = BASE64
        .decode(encoded.trim())
        .map_err(|_| ClientAuthError::BadHeader)?;
    let decoded = String::from_utf8(decoded).map_err(|_| ClientAuthError::BadHeader)?;
    let (id, secret) = decoded.split_once(':').ok_or(ClientAuthError::BadHeader)?;
    let client_id = ClientId::parse(&form_decoded(id)).map_err(|_| ClientAuthError::BadClientId)?;
    Ok((client_id, Secret::new(form_decoded(secret))))
}

/// The MCP TypeScript SDK sends id and secret as they are. What no encoder can have written is therefore taken as it
/// stands: a secret from `openssl rand -base64`, with its `/`, `=` and `+`, works from such a client too.
fn form_decoded(text: &str) -> String {
    if !is_form_encoded(text) {
        return text.to_owned();
    }
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// Whether a form encoder can have written the text: letters, digits, `+`, whole `%XX`, and the marks that one encoder or
/// another leaves alone.
fn is_form_encoded(text: &str) -> bool {
    let mut pieces = text.split('%');
    let plain = |piece: &str| {
        piece
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+*-._~!'()".contains(&byte))
    };
    pieces.next().is_some_and(plain)
        && pieces.all(|piece| {
            let hex = piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count();
            hex == 2 && plain(piece)
        })
}
