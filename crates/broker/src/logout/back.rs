//! The way back to the client that sent a browser here to log out.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vestibule_keyring::SealedBox;
use vestibule_protocol::{ClientId, RedirectClass, RedirectUri, Secret, Timestamp};

use super::LogoutError;
use crate::{Broker, Client, CookieChange};

/// How long a person may take at the provider.
const LASTS: Duration = Duration::from_secs(600);
/// The longest value that fits into a cookie beside its name and its attributes.
const LONGEST: usize = 3800;
/// What the sealed way back is bound to, so that nothing else passes for one.
const CONTEXT: &str = "the way back after a logout";

/// Where a client wants the browser back after a logout: an address that it registered for that.
#[derive(Debug)]
pub struct WayBack {
    pub(super) client: Arc<Client>,
    pub(super) uri: RedirectUri,
    pub(super) state: Option<String>,
    pub(super) leave: Leave,
}

/// How the browser leaves for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// By itself.
    AtOnce,
    /// When the person says so: nobody vouches for the place.
    WhenAsked,
}

impl WayBack {
    pub(super) fn at_once(self) -> Self {
        Self {
            leave: Leave::AtOnce,
            ..self
        }
    }

    /// The client that waits there.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How the browser leaves.
    pub fn leave(&self) -> Leave {
        self.leave
    }

    /// What kind of address it is.
    pub fn class(&self) -> RedirectClass {
        self.uri.class()
    }

    /// What a person needs to see of the address.
    pub fn host(&self) -> String {
        self.uri.display_host()
    }

    /// The address, as the client registered it.
    pub fn uri(&self) -> &str {
        self.uri.as_str()
    }

    /// The client's own value, which it is given back.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The address with the client's `state`.
    pub fn location(&self) -> String {
        match &self.state {
            Some(state) => self.uri.with_params(&[("state", state)]),
            None => self.uri.as_str().to_owned(),
        }
    }
}

/// A way back, as the browser keeps it while it is at the provider.
#[derive(Serialize, Deserialize)]
struct Kept {
    client_id: ClientId,
    uri: String,
    state: Option<String>,
    leave: Leave,
    expires_at: Timestamp,
}

impl Broker {
    /// Gives the browser the way back to keep while it is at the provider; nothing where it is too long for a cookie.
    pub(super) fn keep_way_back(&self, back: &WayBack) -> Option<CookieChange> {
        let kept = Kept {
            client_id: back.client.id().clone(),
            uri: back.uri.as_str().to_owned(),
            state: back.state.clone(),
            leave: back.leave,
            expires_at: self.now() + LASTS,
        };
        let sealed = serde_json::to_vec(&kept)
            .map_err(|error| error.to_string())
            .and_then(|kept| {
                self.sealer
                    .seal(CONTEXT, &kept)
                    .map_err(|error| error.to_string())
            })
            .inspect_err(|error| tracing::warn!(error, "the way back after a logout cannot be kept"))
            .ok()?;
        (sealed.as_str().len() <= LONGEST).then(|| CookieChange::SetWayBack {
            value: Secret::new(sealed.as_str()),
            lasts: LASTS,
        })
    }

    /// Opens what the browser kept; the client must still be there and stand by the address.
    pub(super) async fn open_way_back(&self, kept: &Secret) -> Result<Option<WayBack>, LogoutError> {
        let opened = SealedBox::parse(kept.expose())
            .and_then(|sealed| self.sealer.open(CONTEXT, &sealed))
            .ok();
        let Some(kept) = opened
            .and_then(|kept| serde_json::from_slice::<Kept>(&kept).ok())
            .filter(|kept| self.now() < kept.expires_at)
        else {
            return Ok(None);
        };
        let client = self.find_client(&kept.client_id).await?;
        Ok(client.and_then(|client| {
            Some(WayBack {
                uri: client.post_logout_uri(&kept.uri)?,
                client,
                state: kept.state,
                leave: kept.leave,
            })
        }))
    }
}
