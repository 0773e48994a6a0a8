//! The cookies: one that binds a browser to its walks, one that says who is logged in, one that remembers with which provider,
//! and one that says to which accounts somebody has logged in here before.

use axum::response::Response;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use vestibule_broker::{Browser, ClientAddress, CookieChange};
use vestibule_protocol::{Issuer, ProviderId, Secret};

const YEAR: u64 = 365 * 24 * 60 * 60;
const HALF_A_YEAR: u64 = 180 * 24 * 60 * 60;

/// How this issuer's cookies are called and kept.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    binding: String,
    login: String,
    provider: String,
    way_back: String,
    devices: String,
    secure: &'static str,
}

impl Cookies {
    /// The cookies of an issuer: over https they are `Secure` and have the
    /// [`__Host-`](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-the-__host-prefix) prefix,
    /// which no neighbouring host can forge. Issuers that share a host and differ in their path have names of their own.
    pub(crate) fn of(issuer: &Issuer) -> Self {
        let (prefix, secure) = if issuer.is_https() {
            ("__Host-", "; Secure")
        } else {
            ("", "")
        };
        let plain = |character: char| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        };
        let suffix: String = issuer.path().chars().map(plain).collect();
        let name = |cookie: &str| format!("{prefix}vestibule_{cookie}{suffix}");
        Self {
            binding: name("browser"),
            login: name("login"),
            provider: name("provider"),
            way_back: name("way_back"),
            devices: name("devices"),
            secure,
        }
    }

    /// The cookies that a browser sent.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Browser {
        Browser {
            binding: value(headers, &self.binding),
            login: value(headers, &self.login),
            last_provider: value(headers, &self.provider)
                .and_then(|value| ProviderId::parse(value.expose()).ok()),
            way_back: value(headers, &self.way_back),
            devices: value(headers, &self.devices),
            address: ClientAddress::default(),
        }
    }

    /// Writes the changes into a response.
    pub(crate) fn write(&self, changes: &[CookieChange], response: &mut Response) {
        for change in changes {
            let cookie = match change {
                CookieChange::SetBinding(value) => self.line(&self.binding, value.expose(), ""),
                CookieChange::SetLogin { value, lasts } => self.line(
                    &self.login,
                    value.expose(),
                    &format!("; Max-Age={}", lasts.as_secs()),
                ),
                CookieChange::SetProvider(id) => {
                    self.line(&self.provider, id.as_str(), &format!("; Max-Age={YEAR}"))
                }
                CookieChange::SetDevices(marks) => {
                    self.line(&self.devices, marks.expose(), &format!("; Max-Age={HALF_A_YEAR}"))
                }
                CookieChange::ClearLogin => self.line(&self.login, "", "; Max-Age=0"),
                CookieChange::SetWayBack { value, lasts } => self.line(
                    &self.way_back,
                    value.expose(),
                    &format!("; Max-Age={}", lasts.as_secs()),
                ),
                CookieChange::ClearWayBack => self.line(&self.way_back, "", "; Max-Age=0"),
            };
            if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
                cookie.set_sensitive(true);
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
    }

    fn line(&self, name: &str, value: &str, life: &str) -> String {
        format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax{}{life}",
            self.secure
        )
    }
}

fn value(headers: &HeaderMap, wanted: &str) -> Option<Secret> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted && !value.is_empty()).then(|| Secret::new(value)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::response::IntoResponse as _;

    use super::*;

    fn written(issuer: &str, changes: &[CookieChange]) -> Vec<String> {
        let mut response = ().into_response();
        Cookies::of(&Issuer::parse(issuer).unwrap()).write(changes, &mut response);
        let lines = response.headers().get_all(SET_COOKIE);
        lines
            .iter()
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    fn changes() -> Vec<CookieChange> {
        vec![
            CookieChange::SetBinding(Secret::new("b")),
            CookieChange::SetLogin {
                value: Secret::new("l"),
                lasts: Duration::from_secs(60),
            },
            CookieChange::ClearLogin,
            CookieChange::SetProvider(ProviderId::parse("acme").unwrap()),
            CookieChange::SetDevices(Secret::new("d")),
        ]
    }

    #[test]
    fn over_https_cookies_are_secure_and_host_bound() {
        assert_eq!(
            written("https://auth.example", &changes()),
            [
                "__Host-vestibule_browser=b; Path=/; HttpOnly; SameSite=Lax; Secure",
                "__Host-vestibule_login=l; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60",
                "__Host-vestibule_login=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
                "__Host-vestibule_provider=acme; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000",
                "__Host-vestibule_devices=d; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=15552000",
            ]
        );
    }

    #[test]
    fn on_loopback_cookies_are_plain() {
        assert_eq!(
            written("http://localhost:3009", &changes()),
            [
                "vestibule_browser=b; Path=/; HttpOnly; SameSite=Lax",
                "vestibule_login=l; Path=/; HttpOnly; SameSite=Lax; Max-Age=60",
                "vestibule_login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
                "vestibule_provider=acme; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000",
                "vestibule_devices=d; Path=/; HttpOnly; SameSite=Lax; Max-Age=15552000",
            ]
        );
    }

    #[test]
    fn issuers_on_one_host_have_cookies_of_their_own() {
        let cookie = &written("https://auth.example/tenant/a", &changes())[0];
        assert_eq!(
            cookie,
            "__Host-vestibule_browser-tenant-a=b; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn only_whole_names_count() {
        let cookies = Cookies::of(&Issuer::parse("https://auth.example").unwrap());
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("vestibule_browser=x; x__Host-vestibule_browser=y"),
        );
        assert!(cookies.read(&headers).binding.is_none());
        headers.append(
            COOKIE,
            HeaderValue::from_static("a=1;__Host-vestibule_browser=z; __Host-vestibule_login="),
        );
        let browser = cookies.read(&headers);
        assert!(browser.binding.is_some_and(|value| value.matches("z")));
        assert!(browser.login.is_none());
    }
}
