//! What a law expects of a failure.

use std::error::Error;

use vestibule_provider::{LoginStep, ProviderError};

use crate::Upstream;

/// The longest text that a failure may put into a log.
const LONGEST: usize = 1_000;

/// The failure of a step that must not end well, once it is sure that it gives no secret away.
pub(crate) fn failure(
    step: Result<LoginStep, ProviderError>,
    upstream: &Upstream,
    what: &str,
) -> ProviderError {
    match step {
        Err(error) => {
            assert_discreet(&error, upstream);
            error
        }
        Ok(step) => panic!("{what} was taken: {step:?}"),
    }
}

/// Insists that what came back was rejected.
pub(crate) fn rejected(step: Result<LoginStep, ProviderError>, upstream: &Upstream, what: &str) {
    let error = failure(step, upstream, what);
    assert!(matches!(error, ProviderError::Rejected(_)), "{what}: {error:?}");
}

/// Insists that a failure's text names no secret, fits a log line and holds nothing that forges another.
pub(crate) fn assert_discreet(error: &ProviderError, upstream: &Upstream) {
    let mut text = format!("{error:?} {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text} {inner} {inner:?}");
        cause = inner.source();
    }
    upstream.assert_no_secret_in(&text);
    let told = error.to_string();
    assert!(
        told.len() <= LONGEST,
        "a text of {} bytes: {told:.200}…",
        told.len()
    );
    assert!(
        !told.chars().any(char::is_control),
        "control characters in {told:?}"
    );
}
