//! The server's metadata, in every well-known form
//! ([RFC 8414](https://www.rfc-editor.org/rfc/rfc8414), [OpenID Connect Discovery](https://openid.net/specs/openid-connect-discovery-1_0.html)).

use std::future::{Ready, ready};

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use vestibule_protocol::AuthorizationServerMetadata;

use crate::respond::{Cached, IfNoneMatch, etag};

/// The document, written once.
pub(crate) fn document(metadata: &AuthorizationServerMetadata) -> Cached {
    #[expect(
        clippy::expect_used,
        reason = "a struct of strings, lists and flags always has a JSON form"
    )]
    let body = serde_json::to_vec(metadata).expect("metadata has a JSON form");
    let tag = URL_SAFE_NO_PAD.encode(Sha256::digest(&body));
    Cached {
        body: body.into(),
        content_type: HeaderValue::from_static("application/json"),
        cache_control: HeaderValue::from_static("public, max-age=300"),
        etag: etag(&format!("\"{tag}\"")),
    }
}

/// A handler that answers with the document.
pub(crate) fn serve(document: Cached) -> impl Fn(IfNoneMatch) -> Ready<Response> + Clone + Send + Sync {
    move |held| ready(document.clone().answer(&held))
}
