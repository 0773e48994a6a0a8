//! A browser without JavaScript: cookies, redirects one by one, and forms.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{CONTENT_LENGTH, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use url::Url;

use crate::page::{Form, Page};
use crate::wire::{client, wait_for, with_form};

/// A browser; its clones share one cookie jar, as the tabs of one window do.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    cookies: Arc<Mutex<Vec<Cookie>>>,
    /// Where it is, in the words of the proxy before the program.
    address: Option<String>,
}

#[derive(Debug, Clone)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    url: Url,
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Browser {
    /// A browser that has been nowhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// A browser behind a proxy, which says where it is.
    pub fn at(address: &str) -> Self {
        Self {
            address: Some(address.to_owned()),
            ..Self::default()
        }
    }

    /// Forgets a cookie.
    pub fn forget(&self, name: &str) {
        let mut jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        jar.retain(|cookie| cookie.name != name);
    }

    /// Opens an address without following a redirect.
    pub fn open(&self, url: &str) -> Answer {
        let url = parse(url);
        self.send(client().get(url.clone()), url)
    }

    /// Sends a form of the page that was answered.
    pub fn submit(&self, from: &Answer, form: &Form) -> Answer {
        let target = match form.action() {
            None | Some("") => from.url.clone(),
            Some(action) => from.url.join(action).expect("a form's action is a URL"),
        };
        // A browser names the page's origin on every form that it posts.
        let origin = from.url.origin().ascii_serialization();
        self.post(target, &origin, &form.data())
    }

    /// Posts to the page that was answered what a page of another origin makes the browser send.
    pub fn post_from(&self, origin: &str, to: &Answer, data: &[(&str, &str)]) -> Answer {
        self.post(to.url.clone(), origin, data)
    }

    fn post(&self, target: Url, origin: &str, data: &[(&str, &str)]) -> Answer {
        let request = client().post(target.clone()).header("origin", origin);
        self.send(with_form(request, data), target)
    }

    /// Follows the redirects of an answer as long as they stay on its host and port.
    pub fn follow(&self, mut answer: Answer) -> Answer {
        let origin = answer.url.origin();
        while let Some(next) = answer.location().filter(|next| next.origin() == origin) {
            answer = self.send(client().get(next.clone()), next);
        }
        answer
    }

    /// Sends JSON to an address, as a page's script does.
    pub(crate) fn send_json(&self, method: Method, url: &str, body: &Value) -> Answer {
        let url = parse(url);
        self.send(client().request(method, url.clone()).json(body), url)
    }

    fn send(&self, request: RequestBuilder, url: Url) -> Answer {
        let mut request = request;
        if let Some(cookies) = self.cookies_for(&url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let answer = Answer::of(request, url);
        self.keep(&answer);
        answer
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let host = url.host_str().unwrap_or_default();
        let sent: Vec<_> = jar
            .iter()
            .filter(|cookie| cookie.host == host && cookie.covers(url.path()))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!sent.is_empty()).then(|| sent.join("; "))
    }

    fn keep(&self, answer: &Answer) {
        let mut jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for header in answer.headers.get_all(SET_COOKIE) {
            let text = header.to_str().expect("a cookie is visible ASCII");
            let Some(cookie) = Cookie::read(text, &answer.url) else {
                continue;
            };
            jar.retain(|kept| {
                (&kept.host, &kept.path, &kept.name) != (&cookie.host, &cookie.path, &cookie.name)
            });
            if !has_ended(text) {
                jar.push(cookie);
            }
        }
    }

    /// All cookies, by name and value.
    pub fn cookies(&self) -> Vec<(String, String)> {
        let jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        jar.iter()
            .map(|cookie| (cookie.name.clone(), cookie.value.clone()))
            .collect()
    }

    /// The names of the cookies held for a host.
    pub fn cookie_names(&self, host: &str) -> Vec<String> {
        let jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let of = jar.iter().filter(|cookie| cookie.host == host);
        of.map(|cookie| cookie.name.clone()).collect()
    }
}

impl Cookie {
    fn read(text: &str, from: &Url) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let path = parts.find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.eq_ignore_ascii_case("path").then_some(value)
        });
        Some(Self {
            host: from.host_str()?.to_owned(),
            path: path.unwrap_or("/").to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    fn covers(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn has_ended(cookie: &str) -> bool {
    cookie
        .split(';')
        .any(|part| part.trim().eq_ignore_ascii_case("max-age=0"))
}

impl Answer {
    /// Sends a request and reads its answer to the end.
    pub(crate) fn of(request: RequestBuilder, url: Url) -> Self {
        wait_for(async move {
            let answer = request.send().await;
            let answer = answer.unwrap_or_else(|error| panic!("no answer from {url}: {error}"));
            Self {
                status: answer.status().as_u16(),
                headers: answer.headers().clone(),
                body: answer.text().await.expect("a body that is text"),
                url,
            }
        })
    }

    /// Reads an answer as it came over the wire, once it is there as far as it says that it is long.
    pub(crate) fn read(received: &[u8], url: &Url) -> Option<Self> {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (head, body) = received.split_at(end + 4);
        let head = std::str::from_utf8(head).expect("headers are text");
        let mut lines = head.trim_end().lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: HeaderMap = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| {
                let name = HeaderName::try_from(name).expect("a header's name");
                (name, HeaderValue::try_from(value).expect("a header's value"))
            })
            .collect();
        let length = headers.get(CONTENT_LENGTH).map_or(0, |length| {
            length.to_str().unwrap_or_default().parse().unwrap_or(0)
        });
        let body = body.get(..length)?;
        Some(Self {
            url: url.clone(),
            status,
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
        })
    }

    /// The address that answered.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{} {}: not JSON ({error}): {}", self.status, self.url, self.body))
    }

    /// The body as a page.
    pub fn page(&self) -> Page {
        Page::new(self.body.clone())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<Url> {
        let redirect = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        let target = self.headers.get(LOCATION).filter(|_| redirect)?;
        let target = target.to_str().expect("a Location is visible ASCII");
        Some(self.url.join(target).expect("a Location is a URL"))
    }
}

pub(crate) fn parse(url: &str) -> Url {
    Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_only_to_the_paths_that_it_covers() {
        let from = parse("http://localhost:1/oauth/authorize");
        let cookie = Cookie::read("a=b=c; HttpOnly; Path=/oauth/x", &from).unwrap();
        assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("a", "b=c"));
        assert!(cookie.covers("/oauth/x") && cookie.covers("/oauth/x/y"));
        assert!(!cookie.covers("/oauth/xy") && !cookie.covers("/oauth"));
        assert!(Cookie::read("a=b", &from).unwrap().covers("/anything"));
    }

    #[test]
    fn a_cookie_of_no_age_is_forgotten() {
        assert!(has_ended("a=; Path=/; Max-Age=0"));
        assert!(!has_ended("a=; Path=/; Max-Age=600"));
    }
}
