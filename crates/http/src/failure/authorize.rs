//! From a request that cannot be trusted to a page.

use http::StatusCode;
use vestibule_broker::UntrustedRequest;

use super::Problem;

impl From<UntrustedRequest> for Problem {
    fn from(error: UntrustedRequest) -> Self {
        let (status, title) = match error {
            UntrustedRequest::Duplicate(_)
            | UntrustedRequest::ClientIdMissing
            | UntrustedRequest::RedirectUriMissing => {
                (StatusCode::BAD_REQUEST, "The app asked in a wrong way")
            }
            UntrustedRequest::PushedRequestUnknown => (StatusCode::BAD_REQUEST, "This request is over"),
            UntrustedRequest::ClientUnknown => (StatusCode::BAD_REQUEST, "This app is not known here"),
            UntrustedRequest::ClientDocument(ref refusal) if refusal.is_passing() => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This app cannot be looked up just now",
            ),
            UntrustedRequest::ClientDocument(ref refusal) if refusal.awaits_approval() => {
                (StatusCode::FORBIDDEN, "This app waits for approval")
            }
            UntrustedRequest::ClientDocument(_) => (StatusCode::BAD_REQUEST, "This app cannot be let in"),
            UntrustedRequest::ClientBlocked => (StatusCode::FORBIDDEN, "This app is blocked"),
            UntrustedRequest::RedirectUriMismatch { .. } => {
                (StatusCode::BAD_REQUEST, "The app wants to go where it may not")
            }
        };
        Self {
            status,
            code: error.code().as_str(),
            title,
            remedy: "Nothing was sent to the app, and nobody was signed in.",
            ..Self::malformed(error.to_string())
        }
    }
}
