//! Stores on real servers.

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule_store_redis::RedisSettings;

/// Settings for the store at `url`, of which nothing else is known.
pub(crate) fn settings(url: &str, prefix: &str) -> RedisSettings {
    RedisSettings {
        address: url.parse().unwrap(),
        authority: None,
        sentinel_user: None,
        sentinel_password: None,
        prefix: prefix.to_owned(),
    }
}

/// Prefixes under which there is nothing yet.
#[derive(Default)]
pub(crate) struct Prefixes(AtomicU32);

impl Prefixes {
    pub(crate) fn next(&self) -> String {
        format!("v{}:", self.0.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn last(&self) -> String {
        format!("v{}:", self.0.load(Ordering::Relaxed).saturating_sub(1))
    }
}
