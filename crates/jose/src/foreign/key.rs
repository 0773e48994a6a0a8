//! One public key of somebody else.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use vestibule_protocol::KeyThumbprint;

use super::SigningAlgorithm;
use super::algorithm::{Check, Curve};

/// A key that verifies signatures ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Debug, Clone)]
pub(crate) struct Key {
    kid: Option<String>,
    /// The one algorithm that the key says it is for.
    alg: Option<SigningAlgorithm>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point, or an Ed25519 key.
    Point {
        curve: Curve,
        bytes: Vec<u8>,
    },
}

impl Key {
    /// Reads one entry of a key set: `None` for a key that is of an unknown type, too weak, or for something else than
    /// signatures. “Implementations SHOULD ignore JWKs within a JWK Set that use "kty" values that are not understood by them”
    /// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    pub(crate) fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|used| used != "sig") {
            return None;
        }
        if let Some(operations) = jwk.get("key_ops").and_then(Value::as_array)
            && !operations.iter().any(|operation| operation == "verify")
        {
            return None;
        }
        let alg = match text("alg") {
            Some(name) => Some(name.parse().ok()?),
            None => None,
        };
        let octets = |name: &str| decode(text(name)?);
        let material = match text("kty")? {
            "RSA" => rsa(&octets("n")?, &octets("e")?)?,
            "EC" => {
                let (curve, length) = match text("crv")? {
                    "P-256" => (Curve::P256, 32),
                    "P-384" => (Curve::P384, 48),
                    "P-521" => (Curve::P521, 66),
                    _ => return None,
                };
                let bytes = [
                    vec![4],
                    padded(&octets("x")?, length)?,
                    padded(&octets("y")?, length)?,
                ]
                .concat();
                Material::Point { curve, bytes }
            }
            "OKP" if text("crv")? == "Ed25519" => Material::Point {
                curve: Curve::Ed25519,
                bytes: octets("x").filter(|bytes| bytes.len() == 32)?,
            },
            _ => return None,
        };
        Some(Self {
            kid: text("kid").map(str::to_owned),
            alg,
            material,
        })
    }

    pub(super) fn is_called(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid)
    }

    /// Whether the key is one for this algorithm.
    pub(crate) fn is_for(&self, algorithm: SigningAlgorithm) -> bool {
        let fits = match (&self.material, algorithm.check()) {
            (Material::Rsa { .. }, Some(Check::Rsa(_))) => true,
            (Material::Point { curve, .. }, Some(Check::Point(wanted, _))) => *curve == wanted,
            _ => false,
        };
        fits && self.alg.is_none_or(|alg| alg == algorithm)
    }

    /// Whether the signature is this key's, by this algorithm.
    pub(crate) fn verifies(&self, algorithm: SigningAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.is_for(algorithm) {
            return false;
        }
        let key = match (&self.material, algorithm.check()) {
            (Material::Rsa { n, e }, Some(Check::Rsa(parameters))) => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .ok(),
            (Material::Point { bytes, .. }, Some(Check::Point(_, check))) => {
                ParsedPublicKey::new(check, bytes).ok()
            }
            _ => None,
        };
        key.is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3): the hash of the required members in lexicographic order,
    /// without white space, each number in the one form that it may have.
    pub(crate) fn thumbprint(&self) -> KeyThumbprint {
        let text = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
        let canonical = match &self.material {
            Material::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
            Material::Point {
                curve: curve @ Curve::Ed25519,
                bytes,
            } => {
                format!(
                    r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#,
                    curve.as_str(),
                    text(bytes)
                )
            }
            Material::Point { curve, bytes } => {
                // Behind the byte that says that both are there.
                let both = bytes.get(1..).unwrap_or_default();
                let (x, y) = both.split_at(both.len() / 2);
                let (crv, x, y) = (curve.as_str(), text(x), text(y));
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, canonical.as_bytes()).as_ref());
        KeyThumbprint::of_hash(hash)
    }
}

/// [RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3): “A key of size 2048 bits or larger MUST be used”. The
/// upper bound keeps one verification cheap.
fn rsa(n: &[u8], e: &[u8]) -> Option<Material> {
    let (n, e) = (without_zeros(n), without_zeros(e));
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    ((2048..=8192).contains(&bits) && !e.is_empty()).then(|| Material::Rsa {
        n: n.to_vec(),
        e: e.to_vec(),
    })
}

/// Base64url, with padding or without.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// A number as long as the curve's field; some providers leave out its leading zeros.
fn padded(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let missing = length.checked_sub(bytes.len())?;
    Some([vec![0; missing], bytes.to_vec()].concat())
}

#[cfg(test)]
mod tests;
