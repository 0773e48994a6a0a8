//! Who sent a request, by address: the peer of the connection, or whom a trusted proxy names.

mod forwarded;
mod proxies;
mod x_forwarded_for;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use http::request::Parts;
use http::{Extensions, HeaderMap};
use vestibule_broker::{Broker, ClientAddress};

pub use self::proxies::{ForwardingHeader, TrustedProxies};

/// Finds the addresses of callers.
pub(crate) struct Callers {
    broker: Arc<Broker>,
    proxies: TrustedProxies,
    /// Whether the operator was told of a proxy that nobody trusts.
    told: AtomicBool,
}

impl Callers {
    pub(crate) fn new(broker: Arc<Broker>, proxies: TrustedProxies) -> Self {
        Self {
            broker,
            proxies,
            told: AtomicBool::new(false),
        }
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Where a request comes from; unknown if the server that took it did not say.
    pub(crate) fn of(&self, headers: &HeaderMap, extensions: &Extensions) -> ClientAddress {
        let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else {
            return ClientAddress::default();
        };
        let peer = peer.ip().to_canonical();
        let address = if self.proxies.trusts(peer) {
            self.proxies.client_behind(peer, headers)
        } else {
            self.look_at_stranger(peer, headers);
            peer
        };
        self.broker.locate(address)
    }

    /// Tells the operator, once, that everybody looks like one if they come through a proxy that is not trusted.
    fn look_at_stranger(&self, peer: IpAddr, headers: &HeaderMap) {
        if is_near(peer)
            && !self.told.load(Ordering::Relaxed)
            && ForwardingHeader::ALL
                .iter()
                .any(|header| headers.contains_key(header.name()))
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                %peer,
                "requests come through a proxy that [proxies] does not name, so that limits take everybody behind it for one; \
                 name it in `trusted`, and the header that it sets in `header`"
            );
        }
    }
}

/// Whether the address is on this machine or in a private network, where an operator's own proxies are.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// The address of whoever sent the request.
pub(crate) struct Caller(pub(crate) ClientAddress);

impl<S> FromRequestParts<S> for Caller
where
    S: Sync,
    Arc<Callers>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

impl Caller {
    pub(crate) fn of<S>(parts: &Parts, state: &S) -> Self
    where
        Arc<Callers>: FromRef<S>,
    {
        Self(Arc::<Callers>::from_ref(state).of(&parts.headers, &parts.extensions))
    }
}

#[cfg(test)]
mod tests;
