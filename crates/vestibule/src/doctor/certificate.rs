//! The certificate that the broker speaks TLS with, where it does.

use vestibule_broker::{Clock as _, SystemClock};
use vestibule_provider::Finding;

use crate::config::Config;
use crate::service::tls;

/// Whether the files fit together, and clients will like what is in them.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let Some(files) = &config.listen.tls else {
        return Vec::new();
    };
    let what = "files";
    let certificate = match tls::examine(files) {
        Ok(certificate) => certificate,
        Err(error) => {
            return vec![Finding::bad(
                what,
                error.to_string(),
                "the broker does not start with them, and keeps the ones before if it runs",
            )];
        }
    };
    let dangers = certificate.dangers(tls::host_of(&config.issuer).as_ref(), SystemClock.now());
    if dangers.is_empty() {
        let detail = format!(
            "the key fits the certificate, which is good until {}",
            certificate.ends()
        );
        return vec![Finding::good(what, detail)];
    }
    let finding = |danger: tls::Danger| {
        let remedy = "write another pair there: the broker takes it up within seconds";
        if danger.is_here() {
            Finding::bad(what, danger.to_string(), remedy)
        } else {
            Finding::warning(what, danger.to_string(), remedy)
        }
    };
    dangers.into_iter().map(finding).collect()
}
