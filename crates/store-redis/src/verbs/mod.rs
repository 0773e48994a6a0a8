//! One file for each kind of record: its form, its verbs.

mod authorizations;
mod browser_logins;
mod clients;
mod codes;
mod consents;
mod devices;
mod documents;
mod keys;
mod limits;
mod pushed_requests;
mod replays;
mod sessions;
mod status;
mod upstreams;

pub(crate) use status::ListCache;
