//! The public URL: whether it leads here.

use std::time::SystemTime;

use axum::body::Bytes;
use axum::http::{Response, header};
use serde::Deserialize;
use vestibule_broker::{Clock as _, SystemClock, endpoints};
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_provider::{Finding, Verdict};

use super::Running;
use super::web::{self, Metadata};
use crate::config::Config;

/// How far two clocks may be apart, in seconds.
const FAR_APART: i64 = 30;

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
}

/// Asks for the broker's own metadata, on the way that clients take.
pub(super) async fn examine(config: &Config, running: &Running) -> Vec<Finding> {
    let outbound = match Outbound::new(Reach::Private, Limits::default()) {
        Ok(outbound) => outbound,
        Err(error) => {
            return vec![Finding::bad(
                "TLS",
                error.to_string(),
                "install the system's certificates",
            )];
        }
    };
    let origin = config.issuer.url().origin().ascii_serialization();
    let url = web::metadata_url(&config.issuer, &origin);
    let answer = match web::get(&outbound, &url).await {
        Ok(answer) => answer,
        Err(error) => return vec![unreached(error.to_string(), config, running)],
    };
    let mut findings = look_at_clock(&answer);
    findings.insert(0, look_at(&answer, &url, config, running, &outbound).await);
    findings
}

fn unreached(seen: String, config: &Config, running: &Running) -> Finding {
    let what = "metadata";
    let remedy = format!(
        "see that {} leads to {}: its name, its certificate, the proxy before the broker",
        config.issuer,
        addresses(config)
    );
    match running {
        Running::Yes(_) => Finding::bad(what, seen, remedy),
        Running::No | Running::Unknown => Finding {
            what: what.to_owned(),
            verdict: Verdict::Warning,
            detail: format!("{seen}; the broker does not seem to be running"),
            remedy: Some("start the broker, and run this again".to_owned()),
        },
    }
}

async fn look_at(
    answer: &Response<Bytes>,
    url: &str,
    config: &Config,
    running: &Running,
    outbound: &Outbound,
) -> Finding {
    let what = "metadata";
    let proxy = format!(
        "let the proxy pass {url} to {} as it is, with its path",
        addresses(config)
    );
    let status = answer.status();
    if status.is_redirection() {
        let target = answer.headers().get(header::LOCATION);
        let target = target.and_then(|it| it.to_str().ok()).unwrap_or("somewhere else");
        return Finding::bad(what, format!("{url} redirects to {target}"), proxy);
    }
    let Some(metadata) = web::read::<Metadata>(answer).filter(|_| status.is_success()) else {
        return unreached(
            format!("{url} answers {status}, and not with a broker's metadata"),
            config,
            running,
        );
    };
    if metadata.issuer != config.issuer.as_str() {
        return Finding::bad(
            what,
            format!("{url} says that its issuer is {}", metadata.issuer),
            format!(
                "write issuer = \"{}\", or let the URL lead to this broker",
                metadata.issuer
            ),
        );
    }
    let ours = match running {
        Running::Yes(ours) => ours,
        Running::Unknown => return Finding::good(what, format!("{url} answers with exactly this issuer")),
        Running::No => {
            return Finding::warning(
                what,
                format!("{url} answers, though the broker of this configuration does not seem to be running"),
                "run this where the broker runs and as its user, or see which broker answers there",
            );
        }
    };
    // Where this broker's keys are, and not where the answer says: it may be anybody's, and lead anywhere.
    let keys = config.issuer.endpoint(endpoints::KEYS);
    let theirs = web::get(outbound, &keys).await.ok();
    let theirs: Vec<Key> = theirs
        .and_then(|answer| web::read::<KeySet>(&answer))
        .map(|set| set.keys)
        .unwrap_or_default();
    if ours.iter().all(|kid| theirs.iter().any(|key| key.kid == *kid)) {
        Finding::good(what, format!("{url} is this broker"))
    } else {
        Finding::bad(
            what,
            format!("{url} is another broker: it has this issuer, and other keys"),
            proxy,
        )
    }
}

/// Compares this machine's clock with the one that the answer was stamped by.
fn look_at_clock(answer: &Response<Bytes>) -> Vec<Finding> {
    let date = answer.headers().get(header::DATE);
    let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let Some(seconds) = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok()) else {
        return Vec::new();
    };
    let theirs = i64::try_from(seconds.as_secs()).unwrap_or(i64::MAX);
    let apart = SystemClock.now().as_secs().saturating_sub(theirs);
    vec![if apart.abs() <= FAR_APART {
        Finding::good("clock", "this machine and the public URL agree")
    } else {
        Finding::warning(
            "clock",
            format!(
                "this machine and the public URL are {} seconds apart",
                apart.abs()
            ),
            "set the clocks, with NTP for instance",
        )
    }]
}

fn addresses(config: &Config) -> String {
    let addresses: Vec<String> = config.listen.addresses.iter().map(ToString::to_string).collect();
    addresses.join(", ")
}
