//! The stores that the broker needs, each as narrow as its use.
//!
//! A verb decides and writes in one atomic step. Expiry is judged against the `now` that the caller passes. Nothing that
//! opens a door reaches a store in clear. `vestibule-store-testkit` holds the laws.

mod authorizations;
mod browser_logins;
mod clients;
mod codes;
mod consents;
mod devices;
mod documents;
mod keys;
mod limits;
mod measured;
mod page;
mod pushed_requests;
mod replays;
mod sessions;
mod status;
mod upstreams;

use std::error::Error;

use thiserror::Error;

pub use authorizations::{Advance, Authorizations, Taken};
pub use browser_logins::BrowserLogins;
pub use clients::{Clients, Registered};
pub use codes::{Codes, Redeemed};
pub use consents::Consents;
pub use devices::{DeviceBegun, DeviceDecided, DeviceDecision, Devices, Polled, SLOWER, SLOWEST};
pub use documents::ClientDocuments;
pub use keys::Keys;
pub use limits::{Limits, Quota, Verdict};
pub use measured::Measured;
pub use page::{Cursor, Page, PageRequest, PageSize};
pub use pushed_requests::PushedRequests;
pub use replays::{Remembered, ReplayGuard};
pub use sessions::{Opened, Rotated, RotationTerms, Sessions, SessionsOf};
pub use status::{StatusBits, StatusLists};
pub use upstreams::{Claimed, Settlement, UpstreamLogins};

/// Every store of the broker in one.
pub trait Store:
    Clients
    + ClientDocuments
    + Authorizations
    + Codes
    + Devices
    + PushedRequests
    + Sessions
    + Consents
    + BrowserLogins
    + UpstreamLogins
    + ReplayGuard
    + Keys
    + StatusLists
    + Limits
{
}

impl<T> Store for T where
    T: Clients
        + ClientDocuments
        + Authorizations
        + Codes
        + Devices
        + PushedRequests
        + Sessions
        + Consents
        + BrowserLogins
        + UpstreamLogins
        + ReplayGuard
        + Keys
        + StatusLists
        + Limits
{
}

/// The store did not answer, or what it holds cannot be read.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store cannot be reached or cannot write; nothing may be assumed of the verb.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A record cannot be read.
    #[error("a record in the store cannot be read: {0}")]
    Corrupt(#[source] Box<dyn Error + Send + Sync>),
}
