//! Where Firebase is.

use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};
use vestibule_outbound::Reach;

/// Where Firebase is, and with that, which tokens count.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Google's servers: tokens are signed.
    Google,
    /// The emulator on this machine: tokens are not signed, and whoever reaches it can make any.
    Emulator(EmulatorHost),
    /// Other servers that speak as Google's do, with signed tokens: for tests, and reached by no configuration.
    At(Endpoints),
}

/// The addresses that are called.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Signing in.
    pub identity_toolkit: String,
    /// Refreshing.
    pub secure_token: String,
    /// The keys that ID tokens are signed with.
    pub keys: String,
    /// Access tokens for service accounts.
    pub token: String,
}

impl Backend {
    pub(crate) fn endpoints(&self) -> Endpoints {
        match self {
            Self::Google => Endpoints {
                identity_toolkit: "https://identitytoolkit.googleapis.com".to_owned(),
                secure_token: "https://securetoken.googleapis.com".to_owned(),
                keys: "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
                    .to_owned(),
                token: "https://oauth2.googleapis.com/token".to_owned(),
            },
            Self::Emulator(host) => Endpoints {
                identity_toolkit: format!("{}/identitytoolkit.googleapis.com", host.origin()),
                secure_token: format!("{}/securetoken.googleapis.com", host.origin()),
                // It has neither: nothing is signed.
                keys: host.origin(),
                token: host.origin(),
            },
            Self::At(endpoints) => endpoints.clone(),
        }
    }

    /// How far calls have to reach.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Google => Reach::Public,
            Self::Emulator(_) | Self::At(_) => Reach::Private,
        }
    }
}

/// Host and port of an emulator, as `FIREBASE_AUTH_EMULATOR_HOST` has it: always this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmulatorHost(String);

/// Why a text names no emulator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EmulatorHostError {
    /// It is not host and port.
    #[error("is not a host and a port, such as 127.0.0.1:9099, without http://")]
    NotHostAndPort,
    /// It is another machine.
    #[error("is not this machine; an emulator's tokens are unsigned and count on loopback addresses only")]
    NotLoopback,
}

impl FromStr for EmulatorHost {
    type Err = EmulatorHostError;

    fn from_str(text: &str) -> Result<Self, EmulatorHostError> {
        let url = Url::parse(&format!("http://{text}")).map_err(|_| EmulatorHostError::NotHostAndPort)?;
        let written = url.port().is_some() && url.as_str() == format!("http://{text}/");
        if !written || !url.username().is_empty() || url.password().is_some() {
            return Err(EmulatorHostError::NotHostAndPort);
        }
        let loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        loopback
            .then(|| Self(text.to_owned()))
            .ok_or(EmulatorHostError::NotLoopback)
    }
}

impl EmulatorHost {
    /// The emulator's address.
    pub fn origin(&self) -> String {
        format!("http://{}", self.0)
    }
}
