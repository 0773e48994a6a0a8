//! Laws of an upstream that is away, slow, or answers with something else.

use vestibule_provider::{LoginStep, ProviderError};

use crate::expect::failure;
use crate::{Bench, Endpoint, Failure, Lie, Walk};

/// Walks a login while an endpoint fails: how that ended, unless the provider has no use for the endpoint.
async fn log_in_despite<B: Bench>(
    walk: &Walk<'_, B>,
    endpoint: Endpoint,
    how: Failure,
) -> Option<ProviderError> {
    walk.upstream.fail(endpoint, how);
    let calls = walk.upstream.calls(endpoint);
    let what = format!("{how:?} at {endpoint:?}");
    let step = match walk.begin().await {
        Ok(step) => step,
        error => return Some(failure(error, &walk.upstream, &what)),
    };
    let reply = walk.bench.log_in(&walk.upstream, &step);
    if how == Failure::Silent {
        // Nobody waits: the clock goes on as soon as there is nothing else to do.
        tokio::time::pause();
    }
    let completed = walk.complete(step, reply).await;
    (walk.upstream.calls(endpoint) > calls).then(|| failure(completed, &walk.upstream, &what))
}

/// Insists on what the operator hears of a failing endpoint.
async fn hears(bench: &impl Bench, how: Failure, expected: fn(&ProviderError) -> bool) {
    for endpoint in [Endpoint::Discovery, Endpoint::Keys, Endpoint::Token] {
        let walk = Walk::new(bench).await;
        if let Some(error) = log_in_despite(&walk, endpoint, how).await {
            assert!(expected(&error), "{how:?} at {endpoint:?}: {error:?}");
        }
    }
}

fn unavailable(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable(_))
}

/// An upstream that answers 503 is unavailable.
pub async fn an_upstream_that_is_down_is_unavailable(bench: &impl Bench) {
    hears(bench, Failure::Down, unavailable).await;
}

/// An upstream to which nobody can connect is unavailable.
pub async fn an_upstream_that_refuses_connections_is_unavailable(bench: &impl Bench) {
    let mut walk = Walk::new(bench).await;
    walk.upstream.stop().await;
    let begun = walk.begin().await;
    if let Ok(step) = begun {
        let reply = bench.log_in(&walk.upstream, &step);
        let error = failure(
            walk.complete(step, reply).await,
            &walk.upstream,
            "a dead upstream",
        );
        assert!(unavailable(&error), "{error:?}");
    } else {
        let error = failure(begun, &walk.upstream, "a dead upstream");
        assert!(unavailable(&error), "{error:?}");
    }
}

/// An upstream that goes away in the middle of a login is unavailable, and the user may come again.
pub async fn an_upstream_that_goes_away_in_between_is_unavailable(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.must_log_in().await;
    if let Some(error) = log_in_despite(&walk, Endpoint::Token, Failure::Down).await {
        assert!(unavailable(&error), "{error:?}");
    }
    walk.upstream.mend();
    walk.must_log_in().await;
}

/// An upstream that never answers is given up.
pub async fn an_upstream_that_never_answers_is_given_up(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.must_log_in().await;
    let error = log_in_despite(&walk, Endpoint::Token, Failure::Silent).await;
    assert!(error.as_ref().is_some_and(unavailable), "{error:?}");
}

/// An answer without end is not read to its end.
pub async fn an_oversized_answer_is_refused(bench: &impl Bench) {
    hears(bench, Failure::Oversized, |_| true).await;
}

/// An answer that is not what was asked for logs nobody in.
pub async fn an_answer_of_nonsense_is_refused(bench: &impl Bench) {
    hears(bench, Failure::Nonsense, |_| true).await;
}

/// A redirect leads nowhere, least of all into the operator's network.
pub async fn a_redirect_is_not_followed(bench: &impl Bench) {
    for endpoint in [Endpoint::Discovery, Endpoint::Keys, Endpoint::Token] {
        let walk = Walk::new(bench).await;
        log_in_despite(&walk, endpoint, Failure::Redirect).await;
        assert_eq!(walk.upstream.calls(Endpoint::Trap), 0, "from {endpoint:?}");
    }
}

/// A secret that the upstream does not take is the operator's to mend, not the user's.
pub async fn a_wrong_secret_is_a_misconfiguration(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let error = log_in_despite(&walk, Endpoint::Token, Failure::UnknownClient).await;
    assert!(
        matches!(error, Some(ProviderError::Misconfigured(_))),
        "{error:?}"
    );
}

/// Metadata that names another issuer is nobody's.
pub async fn metadata_of_another_issuer_is_refused(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.upstream.lie(Lie::AnotherIssuerInTheMetadata);
    let step = match walk.begin().await {
        Ok(step) => step,
        error => {
            let error = failure(error, &walk.upstream, "another issuer's metadata");
            assert!(!unavailable(&error), "{error:?}");
            return;
        }
    };
    assert!(!matches!(step, LoginStep::Redirect(..)), "{step:?}");
}
