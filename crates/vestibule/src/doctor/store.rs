//! The store, and whether the master secret opens what is in it.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Arc;

use vestibule_broker::store::Store;
use vestibule_broker::{Clock as _, KeysAtRest, MasterSecrets, SystemClock};
use vestibule_provider::Finding;
use vestibule_store_embedded::Embedded;
use vestibule_store_redis::{OpenError, RedisSettings, RedisStore};

use super::Running;
use crate::config::{Config, StoreConfig};

/// Whether a broker can work on the store, or does already.
pub(super) async fn examine(config: &Config, running: &Running) -> Vec<Finding> {
    match (&config.store, running) {
        (StoreConfig::Memory, _) => vec![Finding::warning(
            "memory",
            "everybody has to log in again when the broker stops",
            "keep a file: [store] kind = \"embedded\"",
        )],
        (StoreConfig::Redis(settings), _) => look_at_redis(settings, config.secrets.as_ref()).await,
        (StoreConfig::File(path), Running::Yes(_)) => {
            let detail = format!("{} is in use by the running broker", path.display());
            vec![Finding::good("file", detail)]
        }
        (StoreConfig::File(path), Running::No | Running::Unknown) => match path.try_exists() {
            Ok(true) => look_into(path, config.secrets.as_ref()).await,
            Ok(false) => vec![look_around(path)],
            Err(error) => vec![Finding::bad(
                "file",
                format!("{} cannot be looked at: {error}", path.display()),
                "let the user that the broker runs as into its directory",
            )],
        },
    }
}

/// Opens the file, as the broker would.
async fn look_into(path: &Path, secrets: Option<&MasterSecrets>) -> Vec<Finding> {
    let owned = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&owned)).await;
    let store = match opened {
        Ok(Ok(store)) => Arc::new(store),
        Ok(Err(error)) => {
            let remedy = "see that the broker can open it, run this as the broker's user, or name another with [store] path";
            return vec![Finding::bad("file", error.to_string(), remedy)];
        }
        Err(error) => {
            return vec![Finding::bad(
                "file",
                error.to_string(),
                "restore a copy of the file",
            )];
        }
    };
    let mut findings = vec![Finding::good("file", format!("{} opens", path.display()))];
    if let Some(secrets) = secrets {
        findings.push(look_at_keys(store.clone(), secrets).await);
    }
    if let Err(error) = store.close().await {
        let remedy = "look at the disk, or restore a copy of the file";
        findings.push(Finding::bad("file", error.to_string(), remedy));
    }
    findings
}

/// Asks Redis what a broker asks at its start.
async fn look_at_redis(settings: &RedisSettings, secrets: Option<&MasterSecrets>) -> Vec<Finding> {
    let unreachable = |error: OpenError| {
        let remedy = "start Redis, or mend [store] url; what is written there is not repeated here";
        vec![Finding::bad("redis", error.to_string(), remedy)]
    };
    let store = match RedisStore::open(settings.clone()).await {
        Ok(store) => Arc::new(store),
        Err(error) => return unreachable(error),
    };
    let found = match store.examine(SystemClock.now()).await {
        Ok(found) => found,
        Err(error) => return unreachable(error),
    };
    let mut findings = vec![Finding::good(
        "redis",
        format!("it answers at {}", found.servers.join(", ")),
    )];
    for danger in found.dangers {
        findings.push(Finding::warning("redis", danger.what, danger.remedy));
    }
    if let Some(secrets) = secrets {
        findings.push(look_at_keys(store, secrets).await);
    }
    findings
}

/// Sees whether the master secret opens the signing keys.
async fn look_at_keys(store: Arc<dyn Store>, secrets: &MasterSecrets) -> Finding {
    match KeysAtRest::examine(store, secrets).await {
        Ok(KeysAtRest::None) => Finding::good("keys", "there are none yet; the broker makes them"),
        Ok(KeysAtRest::Sealed) => Finding::good("keys", "they open under the master secret"),
        Ok(KeysAtRest::SealedBefore) => Finding::good(
            "keys",
            "they open under the previous master secret, and are sealed anew at the start",
        ),
        Err(error) => Finding::bad(
            "keys",
            error.to_string(),
            "give back the master secret that the store was made with, as [secrets] master or previous",
        ),
    }
}

/// Sees whether the file could be made.
fn look_around(path: &Path) -> Finding {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let probe = folder.join(".vestibule-doctor");
    let made = OpenOptions::new().write(true).create_new(true).open(&probe);
    match made.and_then(|_| fs::remove_file(&probe)) {
        Ok(()) => Finding::good("file", format!("{} is made at the first start", path.display())),
        Err(error) => Finding::bad(
            "file",
            format!("{} cannot be made: {error}", path.display()),
            format!(
                "make the directory {} and let the broker's user write there",
                folder.display()
            ),
        ),
    }
}
