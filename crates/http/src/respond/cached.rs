//! Answers that caches keep, with an entity tag to ask again by.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

/// A public document.
#[derive(Debug, Clone)]
pub(crate) struct Cached {
    pub(crate) body: Bytes,
    pub(crate) content_type: HeaderValue,
    pub(crate) cache_control: HeaderValue,
    pub(crate) etag: HeaderValue,
}

/// The entity tags that the caller holds already.
#[derive(Debug)]
pub(crate) struct IfNoneMatch(Option<HeaderValue>);

impl Cached {
    /// The document, or word that the caller has it already.
    pub(crate) fn answer(self, held: &IfNoneMatch) -> Response {
        let known = held.names(&self.etag);
        let mut response = Response::new(if known {
            Body::empty()
        } else {
            Body::from(self.body)
        });
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.reserve(8);
        headers.insert(CACHE_CONTROL, self.cache_control);
        headers.insert(ETAG, self.etag);
        if !known {
            headers.insert(CONTENT_TYPE, self.content_type);
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        response
    }
}

impl IfNoneMatch {
    /// Whether `etag` is among the tags
    /// ([RFC 9110 §13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2), which compares weakly).
    fn names(&self, etag: &HeaderValue) -> bool {
        let Some(Ok(held)) = self.0.as_ref().map(HeaderValue::to_str) else {
            return false;
        };
        held.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes())
    }
}

/// How long everybody may keep a document.
pub(crate) fn cache_control(max_age: Duration) -> HeaderValue {
    HeaderValue::try_from(format!("public, max-age={}", max_age.as_secs()))
        .unwrap_or_else(|_| HeaderValue::from_static("no-cache"))
}

/// An entity tag, with its quotation marks.
pub(crate) fn etag(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(IF_NONE_MATCH).cloned()))
    }
}

impl IntoResponse for Cached {
    fn into_response(self) -> Response {
        self.answer(&IfNoneMatch(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(held: &'static str) -> bool {
        IfNoneMatch(Some(HeaderValue::from_static(held))).names(&HeaderValue::from_static("\"abc\""))
    }

    #[test]
    fn another_tag_does_not_match() {
        assert!(!names("\"abd\""));
        assert!(!names("abc"));
        assert!(!names(""));
        assert!(!IfNoneMatch(None).names(&HeaderValue::from_static("\"abc\"")));
    }

    #[test]
    fn the_tag_matches_weakly_and_in_a_list() {
        assert!(names("\"abc\""));
        assert!(names("W/\"abc\""));
        assert!(names("\"x\" , W/\"abc\""));
        assert!(names("*"));
    }
}
