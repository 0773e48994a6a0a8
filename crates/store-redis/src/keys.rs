//! What each record is filed under.
//!
//! | key | record |
//! |---|---|
//! | `a:` digest | authorization in progress |
//! | `b:` digest | browser login |
//! | `c:` client id | registered client |
//! | `d:` digest | device that waits, or its tombstone |
//! | `k` | signing keys |
//! | `l:` cell | rate-limit cell |
//! | `m:` client id | client metadata document |
//! | `n:` digest of user, client, resource and edition | consent |
//! | `o:` digest | authorization code, or its tombstone |
//! | `p:` digest | pushed authorization request |
//! | `r:` digest | what was used once |
//! | `s:` session id | session, or its tombstone |
//! | `u:` id | login at a provider |
//! | `{t}` and what begins with it | status lists |
//! | `{x` kind number `}` and what begins with it | who has which: see `index` |
//!
//! All of it stands behind the prefix of the configuration. Keys that one command touches share what stands between braces.

use vestibule_broker::Digest;
use vestibule_broker::record::{ConsentKey, UpstreamId};
use vestibule_protocol::{ClientId, SessionId};

/// The prefix before all keys.
#[derive(Debug, Clone)]
pub(crate) struct Keys(String);

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self(prefix.to_owned())
    }

    pub(crate) fn authorization(&self, ticket: Digest) -> String {
        self.with(format_args!("a:{ticket}"))
    }

    pub(crate) fn browser_login(&self, cookie: Digest) -> String {
        self.with(format_args!("b:{cookie}"))
    }

    pub(crate) fn client(&self, id: &ClientId) -> String {
        self.with(format_args!("c:{id}"))
    }

    pub(crate) fn document(&self, id: &ClientId) -> String {
        self.with(format_args!("m:{id}"))
    }

    pub(crate) fn device(&self, user_code: Digest) -> String {
        self.with(format_args!("d:{user_code}"))
    }

    pub(crate) fn signing_keys(&self) -> String {
        self.with(format_args!("k"))
    }

    pub(crate) fn limit(&self, cell: &str) -> String {
        self.with(format_args!("l:{cell}"))
    }

    pub(crate) fn consent(&self, key: &ConsentKey) -> String {
        let ConsentKey {
            subject,
            client_id,
            resource,
            edition,
        } = key;
        // None of them has a line break in it.
        let mut text = format!("{subject}\n{client_id}\n{resource}");
        if let Some(edition) = edition {
            text = format!("{text}\n{edition}");
        }
        let digest = Digest::of(&text);
        self.with(format_args!("n:{digest}"))
    }

    pub(crate) fn code(&self, code: Digest) -> String {
        self.with(format_args!("o:{code}"))
    }

    pub(crate) fn pushed_request(&self, key: Digest) -> String {
        self.with(format_args!("p:{key}"))
    }

    pub(crate) fn replay(&self, key: Digest) -> String {
        self.with(format_args!("r:{key}"))
    }

    pub(crate) fn session(&self, id: &SessionId) -> String {
        self.with(format_args!("s:{id}"))
    }

    pub(crate) fn upstream(&self, id: &UpstreamId) -> String {
        self.with(format_args!("u:{id}"))
    }

    pub(crate) fn status_lists(&self) -> String {
        self.with(format_args!("{{t}}"))
    }

    pub(crate) fn allotted_status(&self) -> String {
        self.with(format_args!("{{t}}:allotted"))
    }

    pub(crate) fn status_bits(&self, list: u64) -> String {
        self.with(format_args!("{{t}}:{list}"))
    }

    /// The shared hash of an index, and the owner's own.
    pub(crate) fn index(&self, kind: char, bucket: u16, owner: &str) -> [String; 2] {
        [
            self.with(format_args!("{{x{kind}{bucket}}}")),
            self.with(format_args!("{{x{kind}{bucket}}}:{owner}")),
        ]
    }

    /// What the keys of one kind of record begin with.
    pub(crate) fn kind(&self, letter: char) -> String {
        self.with(format_args!("{letter}:"))
    }

    fn with(&self, rest: std::fmt::Arguments<'_>) -> String {
        format!("{}{rest}", self.0)
    }
}
