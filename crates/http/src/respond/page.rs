//! A page, with the headers that keep it safe.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::ScriptPolicy;
use crate::failure::Fault;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The headers of every page.
///
/// The policy has no `form-action`: Chromium and Safari hold the whole chain of redirects after a form against it, and the
/// consent form ends at the client, wherever that is ([w3c/webappsec-csp#8](https://github.com/w3c/webappsec-csp/issues/8)).
/// There is no `Cross-Origin-Opener-Policy`: clients in the browser open these pages in a popup and wait to hear from it.
/// The referrer policy is not `no-referrer`, under which browsers send `Origin: null` with the pages' own forms.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
];

/// A page on which nothing went wrong.
pub(crate) fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// A page under a status of its own.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, HEADERS, Html(html)).into_response(),
        Err(error) => Fault::caused_by(&error).into_response(),
    }
}

/// A page in which a provider's script runs, under a policy of its own.
///
/// The script's requests name this origin as their referrer, by which providers tell whose they are; the rest of the
/// address, which holds the ticket, is kept back.
pub(crate) fn script_page(template: &impl Template, policy: ScriptPolicy) -> Response {
    let mut response = page(template);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy.content);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    if let Some(opener) = policy.opener {
        headers.insert(CROSS_ORIGIN_OPENER_POLICY, opener);
    }
    response
}
