//! What ties a walk to one browser.

use std::time::Duration;

use vestibule_protocol::{ProviderId, Secret};

use crate::ClientAddress;

/// A browser as it presents itself: by the broker's cookies, and by where it is.
#[derive(Debug, Default)]
pub struct Browser {
    /// Binds the authorizations that this browser began.
    pub binding: Option<Secret>,
    /// Says that somebody is logged in.
    pub login: Option<Secret>,
    /// The provider with which somebody logged in last here; no secret, and nothing depends on it but an order.
    pub last_provider: Option<ProviderId>,
    /// The way back to a client, after a logout at the provider.
    pub way_back: Option<Secret>,
    /// Says to which accounts this browser has logged in before; opens nothing.
    pub devices: Option<Secret>,
    /// Where it is.
    pub address: ClientAddress,
}

/// A cookie to set or to clear.
#[derive(Debug)]
pub enum CookieChange {
    /// Binds the browser, until it is closed.
    SetBinding(Secret),
    /// Logs the browser in.
    SetLogin {
        /// The cookie's value.
        value: Secret,
        /// How long the login lasts.
        lasts: Duration,
    },
    /// Logs the browser out.
    ClearLogin,
    /// Keeps the way back to a client while the browser is logged out at the provider.
    SetWayBack {
        /// The cookie's value.
        value: Secret,
        /// How long it is kept.
        lasts: Duration,
    },
    /// Forgets the way back.
    ClearWayBack,
    /// Remembers the provider, for the order in which it is offered.
    SetProvider(ProviderId),
    /// Makes the browser known to the accounts that it has logged in to.
    SetDevices(Secret),
}
