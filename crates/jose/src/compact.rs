use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::VerifyError;

/// A token taken apart, nothing of it believed yet
/// ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2), steps 1 to 7).
pub(crate) struct Compact<'a> {
    pub(crate) header: Header,
    /// What was signed: header and payload as they were encoded.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: Vec<u8>,
    payload: &'a str,
}

/// The header parameters that decide anything. “The Header Parameter names within the JOSE Header MUST be
/// unique” ([RFC 7515 §4](https://www.rfc-editor.org/rfc/rfc7515#section-4)): of these, a repeated one is refused.
#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) typ: Option<String>,
    pub(crate) kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'a> Compact<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(VerifyError::Malformed)?;
        // RFC 7515 §3.1: three segments; five would be a JWE.
        if payload.contains('.') {
            return Err(VerifyError::Malformed);
        }
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| VerifyError::Malformed)?;
        // RFC 7515 §4.1.11: “If any of the listed extension Header Parameters are not understood and supported by
        // the recipient, then the JWS is invalid.” We understand none.
        if header.crit.is_some() {
            return Err(VerifyError::Malformed);
        }
        let signature = decode(signature)?;
        Ok(Self {
            header,
            signed: signed.as_bytes(),
            signature,
            payload,
        })
    }

    /// Decodes the payload, which is worth the work only once the signature has been verified.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, VerifyError> {
        decode(self.payload)
    }
}

/// [RFC 7515 §2](https://www.rfc-editor.org/rfc/rfc7515#section-2): base64url “with all trailing '=' characters
/// omitted … and without the inclusion of any line breaks, whitespace, or other additional characters”.
fn decode(segment: &str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD
        .decode(segment)
        .map_err(|_| VerifyError::Malformed)
}
