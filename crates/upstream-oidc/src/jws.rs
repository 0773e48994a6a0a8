//! A signed token in compact form, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;
use vestibule_provider::ProviderError;

use crate::{Claims, SigningAlgorithm, Upstream};

/// The most that a token may measure, in bytes.
const LONGEST: usize = 64 * 1024;

/// A token of which nothing is believed yet ([RFC 7515 §5.2](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)).
pub(crate) struct Jws<'t> {
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    /// What was signed: header and payload as they were encoded.
    pub(crate) signed: &'t [u8],
    pub(crate) signature: Vec<u8>,
    payload: &'t str,
}

/// Of these a repeated one is refused: names “MUST be unique” ([RFC 7515 §4](https://www.rfc-editor.org/rfc/rfc7515#section-4)).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

impl<'t> Jws<'t> {
    /// Takes a token apart; `what` names it in errors, and the upstream says what it may be signed with.
    pub(crate) fn parse(what: &str, token: &'t str, upstream: &Upstream) -> Result<Self, ProviderError> {
        let malformed = || ProviderError::Rejected(format!("the {what} is not a signed JWT"));
        if token.len() > LONGEST {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        if payload.matches('.').count() == 2 {
            return Err(ProviderError::Misconfigured(format!(
                "the {what} is encrypted; switch encryption off for this client at the provider"
            )));
        }
        if payload.contains('.') {
            return Err(malformed());
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        // RFC 7515 §4.1.11: “If any of the listed extension Header Parameters are not understood and supported by the
        // recipient, then the JWS is invalid.” We understand none.
        if header.crit.is_some() || header.b64.is_some() {
            return Err(malformed());
        }
        Ok(Self {
            algorithm: check_algorithm(what, &header.alg, upstream)?,
            kid: header.kid,
            typ: header.typ,
            signed: signed.as_bytes(),
            signature: decode(signature)?,
            payload,
        })
    }

    /// The claims, which are worth reading only once the signature holds.
    pub(crate) fn claims(&self) -> Option<Claims> {
        Claims::from_json(&URL_SAFE_NO_PAD.decode(self.payload).ok()?)
    }

    /// Whether `typ` is absent or one of these media types, without their `application/`.
    pub(crate) fn is_typed(&self, types: &[&str]) -> bool {
        self.typ.as_deref().is_none_or(|typ| {
            let typ = typ.to_ascii_lowercase();
            let typ = typ.strip_prefix("application/").unwrap_or(&typ);
            types.contains(&typ)
        })
    }
}

/// [RFC 8725 §3.1](https://www.rfc-editor.org/rfc/rfc8725#section-3.1): “Libraries MUST enable the caller to specify a supported
/// set of algorithms and MUST NOT use any other algorithms when performing cryptographic operations.”
fn check_algorithm(what: &str, name: &str, upstream: &Upstream) -> Result<SigningAlgorithm, ProviderError> {
    if let Ok(algorithm) = name.parse()
        && upstream.algorithms.contains(&algorithm)
    {
        return Ok(algorithm);
    }
    let allowed: Vec<&str> = upstream
        .algorithms
        .iter()
        .map(|algorithm| algorithm.as_str())
        .collect();
    let allowed = allowed.join(", ");
    let name = crate::foreign_text::line(name);
    Err(if name.starts_with("HS") {
        ProviderError::Misconfigured(format!(
            "the {what} is signed with {name}, whose key is the client secret; {} (allowed: {allowed})",
            upstream.algorithm_advice
        ))
    } else {
        ProviderError::Rejected(format!(
            "the {what} is signed with {name}, which is not allowed (allowed: {allowed})"
        ))
    })
}
