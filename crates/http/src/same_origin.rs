//! Forms are sent by the broker's own pages alone.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HeaderName, ORIGIN};
use http::{HeaderMap, Method, StatusCode};
use vestibule_protocol::Issuer;

use crate::failure::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origin of the broker's pages: that of the configured issuer. `Host` is the caller's word and counts for nothing.
#[derive(Debug, Clone)]
pub(crate) struct OwnOrigin(String);

impl OwnOrigin {
    pub(crate) fn of(issuer: &Issuer) -> Self {
        Self(issuer.origin())
    }

    /// Refuses a form that another site sent.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if self.sent(headers) {
            return Ok(());
        }
        Err(Problem {
            status: StatusCode::FORBIDDEN,
            code: "cross_origin",
            title: "This form came from somewhere else",
            what: "It was not sent by a page of this service, so nothing was done.".to_owned(),
            remedy: "If you did mean to do this, go back to the app that you came from and start again.",
            cause: None,
            retry: None,
        })
    }

    /// Whether a form comes from one of our pages, as far as the browser says.
    ///
    /// A caller that says nothing is no browser, and holds nobody's cookies.
    fn sent(&self, headers: &HeaderMap) -> bool {
        let site = headers.get(SEC_FETCH_SITE);
        let origin = headers.get(ORIGIN);
        site.is_none_or(|site| site == "same-origin") && origin.is_none_or(|origin| origin == self.0.as_str())
    }
}

/// Refuses forms that another site sent.
pub(crate) async fn check_origin(State(own): State<OwnOrigin>, request: Request, next: Next) -> Response {
    if *request.method() == Method::POST
        && let Err(problem) = own.check(request.headers())
    {
        return problem.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(headers: &[(HeaderName, &str)]) -> bool {
        let own = OwnOrigin::of(&Issuer::parse("https://auth.example/tenant").unwrap());
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        own.sent(&headers)
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!sent(&[(SEC_FETCH_SITE, site)]), "{site}");
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://auth.example",
            "https://auth.example:444",
            "",
        ] {
            assert!(!sent(&[(ORIGIN, origin)]), "{origin}");
        }
    }

    #[test]
    fn one_good_sign_does_not_outweigh_a_bad_one() {
        assert!(!sent(&[
            (SEC_FETCH_SITE, "same-origin"),
            (ORIGIN, "https://evil.example")
        ]));
        assert!(!sent(&[
            (SEC_FETCH_SITE, "cross-site"),
            (ORIGIN, "https://auth.example")
        ]));
    }

    #[test]
    fn our_own_form_is_ours_whatever_the_host_header_says() {
        assert!(sent(&[
            (SEC_FETCH_SITE, "same-origin"),
            (ORIGIN, "https://auth.example"),
            (http::header::HOST, "evil.example"),
        ]));
        assert!(!sent(&[
            (ORIGIN, "https://evil.example"),
            (http::header::HOST, "evil.example")
        ]));
    }

    #[test]
    fn a_caller_that_is_no_browser_is_let_through() {
        assert!(sent(&[]));
    }
}
