//! `/oauth/keys`: the key set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use vestibule_broker::Broker;

use crate::respond::{Cached, IfNoneMatch, cache_control, etag};

pub(crate) async fn get(State(broker): State<Arc<Broker>>, held: IfNoneMatch) -> Response {
    let keys = broker.published_keys().await;
    Cached {
        body: keys.body.clone(),
        content_type: HeaderValue::from_static("application/json"),
        cache_control: cache_control(keys.max_age),
        etag: etag(&keys.etag),
    }
    .answer(&held)
}
