use url::Url;

/// The longest address that a proof may be for, in bytes.
const LONGEST: usize = 4096;

/// An HTTP address without query and fragment, in the one spelling that it is compared in.
///
/// > To reduce the likelihood of false negatives, servers SHOULD employ syntax-based normalization (Section 6.2.2 of RFC 3986) and
/// > scheme-based normalization (Section 6.2.3 of RFC 3986) before comparing the htu claim.
/// > ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3))
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetUri(String);

impl TargetUri {
    /// Reads an absolute `http` or `https` address; nothing where it is none, or names a user.
    pub fn parse(text: &str) -> Option<Self> {
        let plain =
            text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let mut url = plain.then(|| Url::parse(text).ok()).flatten()?;
        let is_http = matches!(url.scheme(), "http" | "https");
        if !is_http || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        url.set_query(None);
        url.set_fragment(None);
        Some(Self(spelt_alike(url.as_str())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text with every character that may stand for itself doing so, and capitals in the escapes of the others
/// ([RFC 3986 §6.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2)).
fn spelt_alike(text: &str) -> String {
    let mut parts = text.split('%');
    let mut spelt = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (escaped, rest) = match escaped {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                (char::from(byte).to_string(), part.get(2..))
            }
            Some(byte) => (format!("%{byte:02X}"), part.get(2..)),
            None => ("%".to_owned(), Some(part)),
        };
        spelt.push_str(&escaped);
        spelt.push_str(rest.unwrap_or_default());
    }
    spelt
}
