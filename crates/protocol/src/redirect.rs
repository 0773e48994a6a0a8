//! Redirect URIs: where codes may be sent.

mod dangerous;

use form_urlencoded::byte_serialize;
use thiserror::Error;
use url::Url;

use crate::authority::written_authority;
use crate::newtype::parsed_from_str;

/// The redirect URI of clients that cannot be redirected to: the person copies the code from a page.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// A redirect URI ([RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2)), kept and compared as it was
/// written.
///
/// Parsing judges the syntax and refuses what is never acceptable; [`RedirectPolicy`] judges the rest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedirectUri {
    raw: String,
    class: RedirectClass,
    /// Where the host stands in `raw`, and where the path begins; all zero without a host.
    host: (usize, usize),
    path: usize,
}

/// What kind of place a redirect URI leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RedirectClass {
    /// A web server, over TLS.
    Https,
    /// An app on the user's own machine: `http` to `127.0.0.1`, `[::1]` or `localhost`.
    Loopback,
    /// An app that claimed a scheme ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)).
    PrivateUse,
    /// Nowhere: the person copies the code.
    OutOfBand,
    /// A web server without TLS.
    PlainHttp,
}

/// Why a text is no acceptable redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RedirectUriError {
    /// It is no absolute URI.
    #[error("is not an absolute URI; write scheme, host and path, such as https://app.example.com/callback")]
    NotAUri,
    /// It has a character that URIs cannot have.
    #[error("has a character that a URI cannot have; percent-encode it")]
    Character,
    /// It is too long.
    #[error("is longer than 2048 characters")]
    TooLong,
    /// It has a fragment.
    #[error("has a fragment (a part behind #); a redirect URI has none")]
    Fragment,
    /// It has user information.
    #[error("has a user name in it; a redirect URI has none")]
    User,
    /// Its host is written in a way that hides what it is.
    #[error("has a host that is not in its normal form; write the name or the address itself")]
    Host,
    /// Its scheme runs code or reads files.
    #[error("has the scheme {0}, which is never a redirect target")]
    DangerousScheme(String),
    /// It is plain `http` to another machine.
    #[error("is plain http to another machine; use https, or http to 127.0.0.1, [::1] or localhost")]
    PlainHttp,
}

impl RedirectUri {
    /// Parses a redirect URI.
    ///
    /// > The redirection endpoint URI MUST be an absolute URI […]. The endpoint URI MUST NOT include a fragment component.
    ///
    /// # Errors
    /// [`RedirectUriError`] says what to change.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > 2048 {
            return Err(RedirectUriError::TooLong);
        }
        if text == OUT_OF_BAND {
            return Ok(Self {
                raw: text.to_owned(),
                class: RedirectClass::OutOfBand,
                host: (0, 0),
                path: 0,
            });
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        if !text.bytes().all(is_uri_byte) {
            return Err(RedirectUriError::Character);
        }
        let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError::NotAUri)?;
        if !is_scheme(scheme) || rest.is_empty() {
            return Err(RedirectUriError::NotAUri);
        }
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "http" | "https" => Self::parse_web(text, &scheme),
            dangerous if dangerous::is_dangerous(dangerous) => Err(RedirectUriError::DangerousScheme(scheme)),
            // A URN leads nowhere; only the one above has a meaning here.
            "urn" => Err(RedirectUriError::NotAUri),
            // `localhost:3000/callback` is a host whose scheme was forgotten, not an app called "localhost".
            _ if is_port_and_path(rest) => Err(RedirectUriError::NotAUri),
            _ => Ok(Self {
                raw: text.to_owned(),
                class: RedirectClass::PrivateUse,
                host: (0, 0),
                path: 0,
            }),
        }
    }

    fn parse_web(text: &str, scheme: &str) -> Result<Self, RedirectUriError> {
        let start = scheme.len() + "://".len();
        let authority = written_authority(text).ok_or(RedirectUriError::NotAUri)?;
        if authority.contains('@') {
            return Err(RedirectUriError::User);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriError::NotAUri)?;
        let parsed_host = url.host_str().unwrap_or_default();
        // What the parser understood has to be what stands there: no encoded, abbreviated or octal hosts.
        let host = authority
            .get(..parsed_host.len())
            .filter(|host| host.eq_ignore_ascii_case(parsed_host) && is_plain_host(host))
            .ok_or(RedirectUriError::Host)?;
        let port = authority.get(host.len()..).unwrap_or_default();
        if !(port.is_empty() || is_port(port)) {
            return Err(RedirectUriError::Host);
        }
        let class = match (scheme, host.to_ascii_lowercase().as_str()) {
            ("https", _) => RedirectClass::Https,
            (_, "127.0.0.1" | "[::1]" | "localhost") => RedirectClass::Loopback,
            _ => RedirectClass::PlainHttp,
        };
        let host = (start, start + host.len());
        Ok(Self {
            raw: text.to_owned(),
            class,
            host,
            path: start + authority.len(),
        })
    }

    /// The text, as it was written.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// What kind of place it leads to.
    pub fn class(&self) -> RedirectClass {
        self.class
    }

    /// The presented URI, if this registered one admits it: the same text, apart from the port of a loopback URI.
    ///
    /// > The authorization server MUST allow any port to be specified at the time of the request for loopback IP redirect
    /// > URIs ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3))
    ///
    /// The name `localhost` counts as loopback too, because installed clients (Claude Code, Cursor) register it.
    pub fn accept(&self, presented: &str) -> Option<Self> {
        if presented == self.raw {
            return Some(self.clone());
        }
        if self.class != RedirectClass::Loopback {
            return None;
        }
        let presented = Self::parse(presented).ok()?;
        (presented.without_port() == self.without_port()).then_some(presented)
    }

    /// What is left of a loopback URI when the port does not count: scheme and host as they were written, and everything
    /// behind the port. No path is the path `/`, as in any request that is made of the URI.
    pub(crate) fn without_port(&self) -> (&str, &str) {
        let host = self.raw.get(..self.host.1).unwrap_or_default();
        let path = self.raw.get(self.path..).unwrap_or_default();
        (host, if path.is_empty() { "/" } else { path })
    }

    /// The host, as it was written; empty for a private-use scheme and out of band.
    pub fn host(&self) -> &str {
        self.raw.get(self.host.0..self.host.1).unwrap_or_default()
    }

    /// What a person needs to see of it: the host, or the scheme of an app.
    pub fn display_host(&self) -> String {
        match self.class {
            RedirectClass::Https | RedirectClass::Loopback | RedirectClass::PlainHttp => {
                self.host().to_ascii_lowercase()
            }
            RedirectClass::PrivateUse => {
                let scheme = self.raw.split(':').next().unwrap_or_default();
                format!("{}:", scheme.to_ascii_lowercase())
            }
            RedirectClass::OutOfBand => String::new(),
        }
    }

    /// The URI with parameters behind those that it has; what was registered stays byte for byte.
    ///
    /// > the query component MUST be retained when adding additional query parameters
    /// > ([RFC 6749 §3.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2))
    pub fn with_params(&self, params: &[(&str, &str)]) -> String {
        let mut location = self.raw.clone();
        let mut separator = match self.raw.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        for (name, value) in params {
            location.push_str(separator);
            location.extend(byte_serialize(name.as_bytes()));
            location.push('=');
            location.extend(byte_serialize(value.as_bytes()));
            separator = "&";
        }
        location
    }
}

/// Which redirect URIs an operator accepts, beyond what is never acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RedirectPolicy {
    /// Accepts plain `http` to other machines: for closed networks only.
    pub allow_plain_http: bool,
}

impl RedirectPolicy {
    /// Judges a redirect URI.
    ///
    /// # Errors
    /// [`RedirectUriError::PlainHttp`].
    pub fn validate(self, uri: &RedirectUri) -> Result<(), RedirectUriError> {
        match uri.class() {
            RedirectClass::PlainHttp if !self.allow_plain_http => Err(RedirectUriError::PlainHttp),
            RedirectClass::PlainHttp
            | RedirectClass::Https
            | RedirectClass::Loopback
            | RedirectClass::PrivateUse
            | RedirectClass::OutOfBand => Ok(()),
        }
    }
}

/// `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` ([RFC 3986 §3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1))
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// A name of letters, digits, hyphens, underscores and dots, or an IPv6 address, which the URL parser has judged. Other
/// characters that a URL's host may have (`,`, `;`, `*`, `!`) stand in no host of the DNS and mislead who reads them.
fn is_plain_host(host: &str) -> bool {
    host.starts_with('[')
        || host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

fn is_port_and_path(text: &str) -> bool {
    let port = text.split(['/', '?']).next().unwrap_or_default();
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.parse::<u16>().is_ok()
    })
}

fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

impl std::fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.raw)
    }
}

impl std::fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RedirectUri({:?})", self.raw)
    }
}

parsed_from_str!(RedirectUri, RedirectUriError);
