//! The name of one request, by which a person and the log speak of the same thing.

use http::HeaderValue;
use vestibule_broker::Entropy;
use vestibule_telemetry::RequestId;

/// Draws a request's name.
pub(crate) fn draw(entropy: &dyn Entropy) -> RequestId {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    RequestId::of(random)
}

/// The value of `X-Request-Id`.
pub(crate) fn header(id: &RequestId) -> Option<HeaderValue> {
    HeaderValue::from_str(id.as_str()).ok()
}
