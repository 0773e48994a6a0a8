//! The stylesheet, the mark and the logo.

use std::future::{Ready, ready};

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use crate::page::Asset;

/// A handler that answers with the file. Its address changes with its bytes, so it may be kept for good.
pub(crate) fn serve(asset: Asset) -> impl Fn() -> Ready<Response> + Clone + Send + Sync {
    move || {
        let headers = [
            (CONTENT_TYPE, asset.media_type.clone()),
            (
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            ),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // A picture that is opened on its own runs nothing.
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            ),
        ];
        ready((headers, asset.bytes.clone()).into_response())
    }
}
