//! Where a walk goes next.

use url::Url;
use vestibule_protocol::{AuthorizationResponse, OAuthErrorCode, RedirectClass, RedirectUri, Secret};

use crate::CookieChange;

/// The broker's answer to one step of a walk.
#[derive(Debug)]
pub struct Turn {
    /// Where the browser goes.
    pub next: Next,
    /// The cookies to set on the way.
    pub cookies: Vec<CookieChange>,
}

impl Turn {
    pub(crate) fn to(next: Next) -> Self {
        Self {
            next,
            cookies: Vec::new(),
        }
    }
}

/// Where the browser goes.
#[derive(Debug)]
pub enum Next {
    /// To the broker's own page for this ticket.
    Interact {
        /// Names the authorization, in the page's address.
        ticket: Secret,
    },
    /// To the identity provider.
    Upstream(Url),
    /// Back to the client.
    Client(ClientRedirect),
    /// Nowhere: the answer waits for a device.
    Device {
        /// What the client on the device is called.
        client_name: String,
        /// What came of the request.
        outcome: DeviceOutcome,
    },
    /// Nowhere: the person copies the code from a page.
    ShowCode {
        /// The authorization code.
        code: Secret,
        /// What the client is called.
        client_name: String,
    },
}

/// What a device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceOutcome {
    /// The user let it in.
    Approved,
    /// The user said no.
    Denied,
    /// It may not be let in, for this reason.
    Refused(String),
}

impl Next {
    pub(crate) fn device(client_name: &str, outcome: DeviceOutcome) -> Self {
        Self::Device {
            client_name: client_name.to_owned(),
            outcome,
        }
    }
}

/// The way back to the client, with an answer.
#[derive(Debug)]
pub struct ClientRedirect {
    /// The redirect URI with the answer's parameters.
    pub location: String,
    /// What kind of address it is.
    pub class: RedirectClass,
    /// What the client is called.
    pub client_name: String,
    /// Whether the answer is an error.
    pub is_error: bool,
    /// Whether the browser goes there by itself.
    pub departure: Departure,
}

/// How the browser leaves for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// By itself.
    AtOnce,
    /// When the person says so: nobody vouches for the place.
    WhenAsked {
        /// What kind of error the client is to be told of.
        code: OAuthErrorCode,
        /// What went wrong, in words that hold pieces of the request.
        reason: String,
        /// Where the way leads: a host, or the scheme of an app; empty where there is no way.
        host: String,
    },
}

impl ClientRedirect {
    pub(crate) fn new(uri: &RedirectUri, client_name: String, response: &AuthorizationResponse) -> Self {
        let params = response.params();
        let params: Vec<(&str, &str)> = params
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Self {
            location: uri.with_params(&params),
            class: uri.class(),
            client_name,
            is_error: matches!(response, AuthorizationResponse::Error { .. }),
            departure: Departure::AtOnce,
        }
    }
}
