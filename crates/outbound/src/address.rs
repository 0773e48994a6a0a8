//! Which addresses are whose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only to public addresses, and only over `https`.
    Public,
    /// To public addresses over `https`, and to this machine, where `http` is allowed too.
    PublicOrLoopback,
    /// Also to this machine and to private networks, where `http` is allowed too.
    Private,
}

/// Whether an address is on the public internet: not this machine, a private or link-local network, a metadata service, a
/// multicast group, or set aside for documentation and the like
/// ([IANA IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry),
/// [IANA IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry)).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether a client of this reach goes there. To where a cloud keeps its machines' credentials none does.
pub(crate) fn is_within(reach: Reach, address: IpAddr) -> bool {
    match reach {
        Reach::Public => is_public(address),
        Reach::PublicOrLoopback => is_public(address) || address.to_canonical().is_loopback(),
        Reach::Private => !is_metadata(address),
    }
}

/// Whether an address is a metadata service's, or hides one: the link-local network and the few addresses outside it.
fn is_metadata(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_link_local() || [AZURE_HOST, ALIBABA_METADATA, ORACLE_METADATA].contains(&address)
        }
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address == AWS_METADATA_V6
                || hidden_v4(address).is_some_and(|hidden| is_metadata(IpAddr::V4(hidden)))
        }
    }
}

const AZURE_HOST: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
const ORACLE_METADATA: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 192);
const AWS_METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The IPv4 address that a gateway would take the packet to: NAT64 ([RFC 6052](https://www.rfc-editor.org/rfc/rfc6052)) and 6to4
/// ([RFC 3056](https://www.rfc-editor.org/rfc/rfc3056)).
fn hidden_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    // Azure's host answers its guests there, in the midst of public addresses.
    !special && address != AZURE_HOST
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    let unicast = first & 0xe000 == 0x2000;
    let special = matches!(
        (first, second, third),
        // Teredo, ORCHID and other protocol assignments; documentation; 6to4, which hides an IPv4 address.
        (0x2001, 0x0000..=0x01ff | 0x0db8, _) | (0x2002, _, _) | (0x3fff, 0x0000..=0x0fff, _)
    );
    unicast && !special
}

#[cfg(test)]
mod tests;
