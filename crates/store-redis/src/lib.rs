//! The store of many replicas: Redis, alone, behind Sentinel, or as a cluster.
//!
//! This crate knows the broker's records and store traits. It must never depend on HTTP, on a provider or on another store.
//!
//! # A verb
//!
//! A verb is one command on one key, or one script of `scripts/` where what is read decides what is written; all keys that it touches lie
//! in one slot. Entries of indices lie in slots of their own and are sent beside it, in the same round trip. A status bit is mostly given
//! without one: see `spare_bits`. Three verbs take a second one: a listing reads the records that the index names; `hold_upstream` renews the entries of a login whose life it made longer;
//! `read_status` reads the bits of a list that has changed.
//!
//! Expiry stands in the record and is judged by the caller's clock. Redis drops a record ten minutes after that.
//!
//! # When the answer is lost
//!
//! A command may have been carried out although its answer never came. Nobody is told anything then but `Unavailable`, and a verb is
//! sent again only if that can change nothing: reads, and writes that set what is set already (`set_status`, `touch_client`,
//! `end_browser_login`, `clear_limit`, entries of indices). For the others, this is what it comes to:
//!
//! | verb | if it was carried out and nobody knows |
//! |---|---|
//! | `redeem_code` | the code is spent and was never honoured; the next try is a replay, and the session that never was is ended |
//! | `rotate_session` | the next try with the same token is a repetition within the grace, and is given the successor; the time that Redis is away is not counted |
//! | `take_authorization`, `advance_authorization` | the walk is gone, or a step further than its page; the person starts again |
//! | `open_session` | a session that nobody has a token of; it ends when it is idle for long enough |
//! | `end_session`, `end_upstream` | it has ended; the caller tries again and is told that it did not live. The status bit is set before |
//! | `remember` | what was to be used once counts as used; the credential has to be issued anew |
//! | `claim_upstream`, `settle_upstream` | the claim lapses at its time; a settlement is refused by its version |
//! | `check_limit` | one event more is counted |
//! | `allot_status` | some bits are nobody's |
//! | `swap_keys` | the caller loads the keys again and finds its own document |
//! | `register_client`, `replace_client`, `block_client`, `delete_client` | done; the same once more comes to the same |
//! | `begin_authorization`, `issue_code`, `put_browser_login`, `put_upstream` | a record whose handle nobody was given |
//! | `grant_consent`, `revoke_consent` | done; the same once more comes to the same |
//!
//! # What Redis itself can lose
//!
//! With `appendfsync everysec`, a power cut loses what was acknowledged in the last second; with `always`, nothing. The death of the
//! process alone loses nothing with either, unless the disk is slow: with `everysec` what is written while a flush takes its time waits
//! for up to two seconds. Replication is asynchronous: a failover loses what the new master had not received yet, and
//! a master that is cut off from its replicas goes on for `min-replicas-max-lag` with `min-replicas-to-write 1`, and for ever without.
//! What is lost that way may be a revocation or a used code. Two things hold even then: a status bit is never allotted a second time,
//! since a server that has restarted or taken over begins a new list, and a version of the key document names one document.
//! The store does not `WAIT` for replicas: it would not make a failover safe, and would hold up every other question on the connection.
//!
//! # The connection
//!
//! One task for each server keeps its connection: see `link`. A connection has a second, an answer half a second, a verb one second
//! with everything it waits for. While Redis is away every verb is refused at once.
//!
//! To add a verb: its question in the file of its record in `verbs/`, and where a read decides a write, a script in `scripts/` with
//! its line in `script.rs`.

mod address;
mod census;
mod check;
mod error;
mod head;
mod index;
mod keys;
mod link;
mod listing;
mod pack;
mod script;
mod seen;
mod spare_bits;
mod store;
mod verbs;

pub use address::{Address, AddressError, Host, Layout, Transport};
pub use check::{Danger, Examination};
pub use error::{OpenError, Trouble};
pub use store::{RedisSettings, RedisStore};
