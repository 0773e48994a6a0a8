//! `X-Forwarded-For`: addresses with commas between them, each added at the end by the proxy that took the request from it.

use std::net::{IpAddr, SocketAddr};

/// The hops, the last one first; none for one that cannot be read.
pub(super) fn hops<'a>(lines: impl Iterator<Item = Option<&'a str>>) -> impl Iterator<Item = Option<IpAddr>> {
    lines.flat_map(|line| {
        // A line that is no text is a hop that cannot be read.
        line.unwrap_or_default().rsplit(',').map(parse)
    })
}

/// An address, with a port behind it where the proxy writes one.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches([' ', '\t']);
    if hop.contains('%') {
        return None;
    }
    let bracketed = || {
        hop.strip_prefix('[')?
            .strip_suffix(']')?
            .parse()
            .ok()
            .map(IpAddr::V6)
    };
    hop.parse()
        .ok()
        .or_else(|| hop.parse().ok().map(|address: SocketAddr| address.ip()))
        .or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_not_read() {
        for hop in [
            "",
            " ",
            "unknown",
            "_hidden",
            "localhost",
            "192.0.2",
            "192.0.2.1.",
            "192.0.2.256",
            "192.0.2.01",
            "0xc0000201",
            "3221225985",
            "192.0.2.1:",
            "192.0.2.1:99999",
            "192.0.2.1 198.51.100.1",
            "\"192.0.2.1\"",
            "2001:db8::1::",
            "[2001:db8::1",
            "2001:db8::1]",
            "[192.0.2.1]",
            "fe80::1%1",
            "[fe80::1%1]:80",
            "192.0.2.1/24",
            "\u{ff11}92.0.2.1",
        ] {
            assert_eq!(parse(hop), None, "{hop:?}");
        }
    }

    #[test]
    fn an_address_may_have_a_port() {
        for hop in ["192.0.2.1", " 192.0.2.1\t", "192.0.2.1:1", "192.0.2.1:65535"] {
            assert_eq!(parse(hop), "192.0.2.1".parse().ok(), "{hop:?}");
        }
        for hop in [
            "2001:db8::1",
            "[2001:db8::1]",
            "[2001:db8::1]:443",
            "2001:DB8:0:0::1",
        ] {
            assert_eq!(parse(hop), "2001:db8::1".parse().ok(), "{hop:?}");
        }
    }

    #[test]
    fn the_last_hop_of_the_last_line_comes_first() {
        let lines = [Some("10.0.0.3,10.0.0.2"), Some("10.0.0.1"), None].into_iter();
        let found: Vec<_> = hops(lines.rev()).collect();
        let address = |last| Some(IpAddr::from([10, 0, 0, last]));
        assert_eq!(found, [None, address(1), address(2), address(3)]);
    }
}
