//! The proxies whose word counts, and which of their words.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

use super::{forwarded, x_forwarded_for};

/// How many proxies a request may have come through.
const MOST: usize = 32;

/// The operator's own proxies.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: Option<ForwardingHeader>,
}

/// The header in which a proxy says whom it speaks for. The other is never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardingHeader {
    /// `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)).
    Forwarded,
    /// `X-Forwarded-For`, as most proxies write it.
    XForwardedFor,
}

impl ForwardingHeader {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Forwarded, Self::XForwardedFor];

    /// The header's name.
    pub fn name(self) -> HeaderName {
        match self {
            Self::Forwarded => FORWARDED,
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
        }
    }
}

impl TrustedProxies {
    /// Proxies in these networks, which tell of the client in this header.
    pub fn new(networks: Vec<IpNet>, header: ForwardingHeader) -> Self {
        Self {
            networks,
            header: Some(header),
        }
    }

    /// Whether the word of whoever is there counts.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client for which a trusted peer speaks: going back hop by hop from the peer, the first that is not trusted itself.
    /// Whatever stands before that was written by somebody who may lie. If a hop cannot be read, it is the peer's own address.
    pub fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let found = match self.header {
            None => None,
            Some(header @ ForwardingHeader::Forwarded) => {
                self.first_stranger(forwarded::hops(lines(headers, header)))
            }
            Some(header @ ForwardingHeader::XForwardedFor) => {
                self.first_stranger(x_forwarded_for::hops(lines(headers, header)))
            }
        };
        found.unwrap_or(peer)
    }

    /// The first hop that is not trusted; the farthest one if all are.
    fn first_stranger(&self, hops: impl Iterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut nearest = None;
        for (passed, hop) in hops.enumerate() {
            let address = hop.filter(|_| passed < MOST)?.to_canonical();
            nearest = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }
}

/// The header's lines, the last one first; none for a line that is no text.
fn lines(headers: &HeaderMap, header: ForwardingHeader) -> impl Iterator<Item = Option<&str>> {
    headers
        .get_all(header.name())
        .iter()
        .rev()
        .map(|line| line.to_str().ok())
}
