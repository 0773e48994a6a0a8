//! Where a request comes from, as limits see it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::settings::AddressClass;

/// The address of whoever sent a request, and the class that it belongs to; unknown by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientAddress(Option<(Network, ClassIndex)>);

impl ClientAddress {
    pub(super) fn parts(self) -> Option<(Network, ClassIndex)> {
        self.0
    }
}

/// What counts as one: an IPv4 address, or the 64 bits of an IPv6 network that one customer is given at least
/// ([RFC 6177](https://www.rfc-editor.org/rfc/rfc6177)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Network {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(network) => {
                let mut segments = [0; 8];
                for (segment, part) in segments.iter_mut().zip(network) {
                    *segment = *part;
                }
                write!(f, "{}/64", Ipv6Addr::from(segments))
            }
        }
    }
}

/// The place of a class among all; the first is of those who are in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClassIndex(usize);

/// The classes, ready to be looked up.
#[derive(Debug)]
pub(super) struct Classes {
    v4: Vec<Range<u32>>,
    v6: Vec<Range<u128>>,
    users: Vec<u32>,
}

#[derive(Debug)]
struct Range<T> {
    first: T,
    last: T,
    class: ClassIndex,
}

impl Classes {
    pub(super) fn new(classes: &[AddressClass]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (index, class) in classes.iter().enumerate() {
            let class_index = ClassIndex(index + 1);
            for network in &class.networks {
                match network {
                    IpNet::V4(network) => v4.push(Range {
                        first: network.network().to_bits(),
                        last: network.broadcast().to_bits(),
                        class: class_index,
                    }),
                    IpNet::V6(network) => v6.push(Range {
                        first: network.network().to_bits(),
                        last: network.broadcast().to_bits(),
                        class: class_index,
                    }),
                }
            }
        }
        v4.sort_by_key(|range| range.first);
        v6.sort_by_key(|range| range.first);
        let others = std::iter::once(1);
        Self {
            v4,
            v6,
            users: others.chain(classes.iter().map(|class| class.users)).collect(),
        }
    }

    /// The address as limits see it. One of IPv4 that is written as one of IPv6 is one of IPv4.
    pub(super) fn locate(&self, address: IpAddr) -> ClientAddress {
        let address = address.to_canonical();
        let class = match address {
            IpAddr::V4(address) => find(&self.v4, address.to_bits()),
            IpAddr::V6(address) => find(&self.v6, address.to_bits()),
        };
        ClientAddress(Some((Network::of(address), class)))
    }

    /// For how many users an address of each class stands, the first of those who are in none.
    pub(super) fn users(&self) -> &[u32] {
        &self.users
    }
}

impl ClassIndex {
    /// The one of `all` that is this class's; the first where there is none.
    pub(super) fn among<T>(self, all: &[T]) -> Option<&T> {
        all.get(self.0).or(all.first())
    }
}

fn find<T: Ord + Copy>(ranges: &[Range<T>], address: T) -> ClassIndex {
    let behind = ranges.partition_point(|range| range.first <= address);
    behind
        .checked_sub(1)
        .and_then(|last| ranges.get(last))
        .filter(|range| address <= range.last)
        .map_or_else(ClassIndex::default, |range| range.class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Classes {
        let class = |name: &str, users, networks: &[&str]| AddressClass {
            name: name.to_owned(),
            users,
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        };
        Classes::new(&[
            class(
                "wide",
                10,
                &["198.51.100.128/25", "2001:db8:ffff::/48", "192.0.2.0/28"],
            ),
            class("single", 20, &["198.51.100.7/32", "::1/128"]),
        ])
    }

    fn users(address: &str) -> u32 {
        let classes = classes();
        let (_, class) = classes.locate(address.parse().unwrap()).parts().unwrap();
        *class.among(classes.users()).unwrap()
    }

    fn network(address: &str) -> String {
        let (network, _) = classes().locate(address.parse().unwrap()).parts().unwrap();
        network.to_string()
    }

    #[test]
    fn addresses_beside_a_class_are_in_none() {
        for address in [
            "198.51.100.127",
            "198.51.101.0",
            "198.51.100.6",
            "198.51.100.8",
            "192.0.2.16",
            "0.0.0.0",
            "255.255.255.255",
            "2001:db8:fffe:ffff::1",
            "2001:db9::",
            "::",
            "::2",
        ] {
            assert_eq!(users(address), 1, "{address}");
        }
    }

    #[test]
    fn a_class_reaches_from_its_first_address_to_its_last() {
        for address in [
            "198.51.100.128",
            "198.51.100.255",
            "192.0.2.0",
            "192.0.2.15",
            "2001:db8:ffff::",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        ] {
            assert_eq!(users(address), 10, "{address}");
        }
        assert_eq!(users("198.51.100.7"), 20);
        assert_eq!(users("::1"), 20);
    }

    #[test]
    fn an_address_of_ipv4_in_the_clothes_of_ipv6_is_one_of_ipv4() {
        assert_eq!(users("::ffff:198.51.100.7"), 20);
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn sixty_four_bits_of_ipv6_count_as_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(
            network("2001:db8:1:2::"),
            network("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
