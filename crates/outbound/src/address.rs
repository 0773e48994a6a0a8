//! Which addresses are whose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only to public addresses, and only over `https`.
    Public,
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
    !special
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
