use std::net::IpAddr;

use http::header::HeaderValue;
use http::{HeaderMap, HeaderName};
use proptest::prelude::*;

use super::*;

const PROXY: &str = "10.0.0.1";

/// Whom limits see behind `peer`, which sends these header lines.
fn seen(header: ForwardingHeader, peer: &str, lines: &[(&'static str, &str)]) -> String {
    let trusted = ["10.0.0.0/8", "2001:db8:a::/48", "127.0.0.1/32"];
    let proxies = TrustedProxies::new(trusted.map(|network| network.parse().unwrap()).to_vec(), header);
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.append(HeaderName::from_static(name), value);
    }
    let peer: IpAddr = peer.parse().unwrap();
    let peer = peer.to_canonical();
    if proxies.trusts(peer) {
        proxies.client_behind(peer, &headers).to_string()
    } else {
        peer.to_string()
    }
}

fn xff(peer: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
    seen(ForwardingHeader::XForwardedFor, peer, &lines)
}

fn forwarded(peer: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
    seen(ForwardingHeader::Forwarded, peer, &lines)
}

#[test]
fn a_stranger_who_speaks_for_others_speaks_for_itself() {
    for peer in ["203.0.113.9", "2001:db8:b::1", "11.0.0.1", "127.0.0.2"] {
        assert_eq!(xff(peer, &["192.0.2.1"]), peer);
        assert_eq!(forwarded(peer, &["for=192.0.2.1"]), peer);
    }
}

#[test]
fn what_a_client_put_before_the_proxys_word_is_not_believed() {
    for spoofed in [
        "192.0.2.66, 203.0.113.9",
        "10.0.0.2, 203.0.113.9",
        "127.0.0.1,203.0.113.9",
        "garbage, 203.0.113.9",
        ",,,,203.0.113.9",
        "\", 203.0.113.9",
        "192.0.2.66\t,\t203.0.113.9",
    ] {
        assert_eq!(xff(PROXY, &[spoofed]), "203.0.113.9", "{spoofed}");
    }
    for spoofed in [
        "for=192.0.2.66, for=203.0.113.9",
        "for=10.0.0.2;by=_x, for=203.0.113.9",
        "for=unknown,for=\"203.0.113.9:80\"",
        "host=\"for=192.0.2.66,\", for=203.0.113.9",
    ] {
        assert_eq!(forwarded(PROXY, &[spoofed]), "203.0.113.9", "{spoofed}");
    }
}

#[test]
fn a_quote_that_a_client_leaves_open_swallows_no_hop() {
    for spoofed in [
        "for=192.0.2.66;x=\", for=203.0.113.9",
        "for=192.0.2.66;x=\", for=\"[2001:db8:b::1]\"",
        "for=192.0.2.66;x=\"\\\", for=\"203.0.113.9\"",
        "for=192.0.2.66;x=\", for=203.0.113.9;host=\"example.org\"",
    ] {
        assert_eq!(forwarded(PROXY, &[spoofed]), PROXY, "{spoofed}");
    }
}

#[test]
fn of_several_lines_the_last_is_the_nearest_proxys() {
    assert_eq!(xff(PROXY, &["192.0.2.66", "203.0.113.9"]), "203.0.113.9");
    assert_eq!(xff(PROXY, &["203.0.113.9, 10.0.0.3", "10.0.0.2"]), "203.0.113.9");
    assert_eq!(
        forwarded(PROXY, &["for=192.0.2.66;x=\"", "for=203.0.113.9"]),
        "203.0.113.9"
    );
    assert_eq!(
        forwarded(PROXY, &["for=203.0.113.9", "for=10.0.0.2"]),
        "203.0.113.9"
    );
}

#[test]
fn the_header_that_was_not_chosen_is_never_read() {
    let both = [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=192.0.2.66"),
    ];
    assert_eq!(seen(ForwardingHeader::XForwardedFor, PROXY, &both), "203.0.113.9");
    assert_eq!(seen(ForwardingHeader::Forwarded, PROXY, &both), "192.0.2.66");
    let other = [
        ("forwarded", "for=192.0.2.66"),
        ("x-real-ip", "192.0.2.67"),
        ("cf-connecting-ip", "192.0.2.68"),
    ];
    assert_eq!(seen(ForwardingHeader::XForwardedFor, PROXY, &other), PROXY);
}

#[test]
fn what_cannot_be_read_leaves_the_proxys_own_address() {
    for line in [
        "",
        "unknown",
        "203.0.113.9,",
        "203.0.113.9, x",
        "203.0.113.9;10.0.0.2",
        "203.0.113.9 10.0.0.2",
    ] {
        assert_eq!(xff(PROXY, &[line]), PROXY, "{line}");
    }
    assert_eq!(xff(PROXY, &["203.0.113.9", "caf\u{e9}"]), PROXY);
    for line in [
        "",
        "for=unknown",
        "for=_hidden",
        "proto=https",
        "203.0.113.9",
        "for=203.0.113.9,",
        "for=x",
    ] {
        assert_eq!(forwarded(PROXY, &[line]), PROXY, "{line}");
    }
    assert_eq!(forwarded(PROXY, &["for=203.0.113.9", "caf\u{e9}"]), PROXY);
    assert_eq!(xff(PROXY, &[]), PROXY);
    assert_eq!(forwarded(PROXY, &[]), PROXY);
}

#[test]
fn trusted_hops_are_passed_by_until_the_first_that_is_not() {
    assert_eq!(
        xff(PROXY, &["192.0.2.66, 203.0.113.9, 10.1.2.3, 2001:db8:a::5"]),
        "203.0.113.9"
    );
    let line = "for=192.0.2.66, for=203.0.113.9, for=10.1.2.3, for=\"[2001:db8:a::5]\"";
    assert_eq!(forwarded(PROXY, &[line]), "203.0.113.9");
    assert_eq!(xff(PROXY, &["10.0.0.9, 10.0.0.8"]), "10.0.0.9");
}

#[test]
fn a_chain_without_end_is_not_followed() {
    let chain = vec!["10.0.0.2"; 33].join(",");
    assert_eq!(xff(PROXY, &[&format!("203.0.113.9,{chain}")]), PROXY);
}

#[test]
fn an_address_of_ipv4_in_the_clothes_of_ipv6_is_one_of_ipv4() {
    assert_eq!(xff("::ffff:10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    assert_eq!(xff(PROXY, &["203.0.113.9, ::ffff:10.0.0.2"]), "203.0.113.9");
    assert_eq!(xff("::ffff:203.0.113.7", &["192.0.2.1"]), "203.0.113.7");
}

/// What a client may write: anything that fits into a header line, often something like an address.
fn spoofed() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[ -~\t]{0,20}",
        Just("10.0.0.2".to_owned()),
        Just("for=10.0.0.2".to_owned()),
        Just("192.0.2.66".to_owned()),
        Just("for=\"".to_owned()),
        Just("for=192.0.2.66;by=\"[2001:db8:a::1]\"".to_owned()),
        Just("\u{e9}".to_owned()),
    ];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.join(","))
}

/// Hops of the operator's own, as each proxy adds the one before it.
fn own_hops() -> impl Strategy<Value = Vec<IpAddr>> {
    proptest::collection::vec(
        any::<[u8; 3]>().prop_map(|[a, b, c]| IpAddr::from([10, a, b, c])),
        0..31,
    )
}

fn stranger() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|last| IpAddr::from((0xcb00_7100 | last & 0xff).to_be_bytes())),
        any::<u64>()
            .prop_map(|last| IpAddr::from(((0x2001_0db8_000b_u128 << 80) | u128::from(last)).to_be_bytes())),
    ]
}

proptest! {
    #[test]
    fn nothing_that_a_stranger_writes_makes_it_another(lines in proptest::collection::vec(spoofed(), 0..5), peer in stranger()) {
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let peer = peer.to_string();
        prop_assert_eq!(&xff(&peer, &lines), &peer);
        prop_assert_eq!(&forwarded(&peer, &lines), &peer);
    }

    #[test]
    fn no_hop_beyond_the_operators_own_is_believed(spoofed in spoofed(), stranger in stranger(), own in own_hops()) {
        let hops = || std::iter::once(&stranger).chain(&own);
        let told: Vec<_> = hops().map(IpAddr::to_string).collect();
        let told = told.join(", ");
        let seen = stranger.to_string();
        // In a line of its own, and, which is what most proxies do, in the client's.
        prop_assert_eq!(&xff(PROXY, &[&spoofed, &told]), &seen);
        if spoofed.is_ascii() {
            prop_assert_eq!(&xff(PROXY, &[&format!("{spoofed},{told}")]), &seen);
        }

        let told: Vec<_> = hops().map(|hop| match hop {
            IpAddr::V4(hop) => format!("for={hop}"),
            IpAddr::V6(hop) => format!("for=\"[{hop}]\""),
        }).collect();
        let told = told.join(",");
        prop_assert_eq!(&forwarded(PROXY, &[&spoofed, &told]), &seen);
        // What a client leaves open may make the whole line unreadable, and nobody else of it.
        let together = forwarded(PROXY, &[&format!("{spoofed},{told}")]);
        prop_assert!(together == seen || together == PROXY, "{}", together);
    }
}
