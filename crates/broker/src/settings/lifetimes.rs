//! How long things live.

use std::time::Duration;

use crate::authorize::PUSHED_REQUEST_LIFETIME;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The lifetimes, with the profile's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    /// An authorization in progress.
    pub authorization: Duration,
    /// A pushed authorization request.
    pub pushed_request: Duration,
    /// A code that is sent to a redirect URI.
    pub code: Duration,
    /// A code that a person copies from a page.
    pub shown_code: Duration,
    /// How long a redeemed code is remembered, so that a replay is known.
    pub code_tombstone: Duration,
    /// An access token, unless the resource says otherwise.
    pub access_token: Duration,
    /// An ID token.
    pub id_token: Duration,
    /// A session that is not used.
    pub session_idle: Duration,
    /// A session, used or not.
    pub session_max: Duration,
    /// How long after a rotation the refresh token before is answered with the same successor.
    pub refresh_grace: Duration,
    /// A browser's login.
    pub browser_login: Duration,
    /// How long the provider's word about a user counts, before it is asked again.
    pub recheck: Duration,
    /// How long a provider may be away before its users' sessions are refused.
    pub recheck_outage: Duration,
    /// A registered client that is not used.
    pub registration: Duration,
    /// A signing key in use.
    pub signing_key: Duration,
    /// How long a signing key is published before it signs.
    pub key_published_ahead: Duration,
    /// How long caches may keep `/oauth/keys`.
    pub keys_cache: Duration,
    /// How long verifiers may keep a status list.
    pub status_list: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            authorization: Duration::from_secs(10 * MINUTE),
            pushed_request: PUSHED_REQUEST_LIFETIME,
            code: Duration::from_secs(60),
            shown_code: Duration::from_secs(10 * MINUTE),
            code_tombstone: Duration::from_secs(10 * MINUTE),
            access_token: Duration::from_secs(HOUR),
            id_token: Duration::from_secs(HOUR),
            session_idle: Duration::from_secs(30 * DAY),
            session_max: Duration::from_secs(90 * DAY),
            refresh_grace: Duration::from_secs(30),
            browser_login: Duration::from_secs(8 * HOUR),
            recheck: Duration::from_secs(15 * MINUTE),
            recheck_outage: Duration::from_secs(DAY),
            registration: Duration::from_secs(90 * DAY),
            signing_key: Duration::from_secs(30 * DAY),
            key_published_ahead: Duration::from_secs(DAY),
            keys_cache: Duration::from_secs(5 * MINUTE),
            status_list: Duration::from_secs(10 * MINUTE),
        }
    }
}
