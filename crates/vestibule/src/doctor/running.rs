//! The broker that may be running beside us.

use crate::config::Config;
use crate::service::operators::keys::KeyLine;
use crate::service::operators::{self, OperatorClient};

/// What the operators' socket says.
pub(super) enum Running {
    /// The broker answers; these are the ids of its keys.
    Yes(Vec<String>),
    /// Nobody answers there.
    No,
    /// There is no such socket in this configuration.
    Unknown,
}

impl Running {
    /// Asks on the operators' socket.
    pub(super) async fn ask(config: &Config) -> Self {
        let Some(socket) = operators::socket_of(config) else {
            return Self::Unknown;
        };
        let Ok(client) = OperatorClient::new(&socket) else {
            return Self::Unknown;
        };
        match client.get::<Vec<KeyLine>>("/keys", &[]).await {
            Ok(keys) => Self::Yes(keys.into_iter().map(|key| key.kid).collect()),
            Err(_) => Self::No,
        }
    }
}
