//! Calls of identity providers, measured.

use std::future::Future;

use tracing::Instrument as _;
use vestibule_protocol::ProviderId;
use vestibule_provider::ProviderError;
use vestibule_telemetry::{Outcome, Stopwatch, metrics};

/// Waits for the provider's answer, and measures how long that took; `call` is the verb of the contract.
pub(crate) async fn measured<T>(
    provider: &ProviderId,
    call: &'static str,
    answer: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let span = tracing::debug_span!("provider", otel.name = call, otel.kind = "client", %provider);
    let answer = answer.instrument(span);
    let Some(metrics) = metrics() else {
        return answer.await;
    };
    let stopwatch = Stopwatch::start();
    let answer = answer.await;
    let outcome = match &answer {
        Ok(_) => Outcome::Ok,
        Err(ProviderError::Denied(_)) => Outcome::Refused("denied"),
        Err(ProviderError::Rejected(_)) => Outcome::Refused("rejected"),
        Err(ProviderError::Unavailable(_)) => Outcome::Failed("unavailable"),
        Err(ProviderError::Misconfigured(_)) => Outcome::Failed("misconfigured"),
    };
    metrics.provider_call(provider.as_str(), call, outcome, &stopwatch);
    answer
}
