//! `[store]`: where records are kept.

use std::path::{Path, PathBuf};

use vestibule_protocol::Secret;
use vestibule_store_redis::{Address, AddressError, RedisSettings};

use super::secret::{Outside, SecretKeys, secret_keys};
use super::section::Section;

const URL: SecretKeys = secret_keys!("url");
const SENTINEL_PASSWORD: SecretKeys = secret_keys!("sentinel_password");

/// What stands before every key in Redis.
const PREFIX: &str = "vb:";

/// Where records are kept.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// In memory: everything is gone when the broker stops.
    Memory,
    /// In a file on this machine.
    File(PathBuf),
    /// In Redis, where other replicas find them.
    Redis(Box<RedisSettings>),
}

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> Option<StoreConfig> {
    let path = section.text("path").map(|path| outside.folder.join(path));
    let redis = redis(&section, outside);
    let kind = section.required_text("kind", "embedded");
    let unfit = |key: &'static str, message: &str| {
        if section.has(key) {
            section.note(key, format!("is given, but {message}; remove one of the two"));
        }
    };
    if kind == Some("memory") {
        unfit("path", "kind = \"memory\" keeps nothing");
    }
    if kind == Some("redis") {
        unfit("path", "kind = \"redis\" has no file");
    } else {
        for key in REDIS_KEYS.iter().copied() {
            unfit(key, "is for kind = \"redis\"");
        }
    }
    let store = match kind {
        Some("memory") => Some(StoreConfig::Memory),
        Some("embedded") => {
            if path.is_none() {
                section.note(
                    "path",
                    "is missing; write path = \"/var/lib/vestibule/vestibule.redb\"",
                );
            }
            path.map(StoreConfig::File)
        }
        Some("redis") => {
            if !URL.all().iter().any(|key| section.has(key)) {
                section.note(
                    "url",
                    "is missing; write url = \"redis://localhost:6379\", or url_file or url_env if it holds a password",
                );
            }
            redis.map(Box::new).map(StoreConfig::Redis)
        }
        Some(other) => {
            section.note(
                "kind",
                format!("\"{other}\" is not a kind of store; write \"embedded\", \"redis\" or \"memory\""),
            );
            None
        }
        None => None,
    };
    section.finish();
    store
}

const REDIS_KEYS: &[&str] = &[
    "url",
    "url_file",
    "url_env",
    "ca_file",
    "prefix",
    "sentinel_user",
    "sentinel_password",
    "sentinel_password_file",
    "sentinel_password_env",
];

fn redis(section: &Section<'_>, outside: &Outside<'_>) -> Option<RedisSettings> {
    let authority = section
        .text("ca_file")
        .map(|path| certificate(section, &outside.folder.join(path)));
    let prefix = section.text("prefix").unwrap_or(PREFIX);
    // Braces would put all keys into one part of a cluster, and stars and brackets mean something when keys are listed.
    let fits = prefix
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b":_.-".contains(&byte));
    if !fits {
        section.note(
            "prefix",
            format!("\"{prefix}\" has a character other than letters, digits, \":\", \"_\", \".\" and \"-\""),
        );
    }
    let sentinel_user = section.text("sentinel_user").map(str::to_owned);
    let sentinel_password = section.secret(SENTINEL_PASSWORD, outside);
    let url = match section.text(URL.inline) {
        // Without a user or password it is no secret.
        Some(url) if !url.contains('@') && !section.has(URL.file) && !section.has(URL.env) => {
            Secret::new(url)
        }
        _ => section.secret(URL, outside)?,
    };
    let address: Address = url
        .expose()
        .parse()
        .inspect_err(|error: &AddressError| section.note(URL.inline, error.to_string()))
        .ok()?;
    Some(RedisSettings {
        address,
        authority: authority.flatten(),
        sentinel_user,
        sentinel_password,
        prefix: prefix.to_owned(),
    })
}

fn certificate(section: &Section<'_>, path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path)
        .inspect_err(|error| {
            section.note(
                "ca_file",
                format!("the file {} cannot be read: {error}", path.display()),
            );
        })
        .ok()
}
