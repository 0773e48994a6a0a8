//! `Forwarded` and `X-Forwarded-For`: whatever a client writes, it is whom the operator's own proxies saw.

#![no_main]

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use vestibule_http::{ForwardingHeader, TrustedProxies};

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (line, another) = input;
    let [proxy, own, stranger] = [[10, 0, 0, 1], [10, 0, 0, 2], [203, 0, 113, 9]].map(IpAddr::from);
    for (header, told) in [
        (ForwardingHeader::XForwardedFor, "203.0.113.9, 10.0.0.2"),
        (ForwardingHeader::Forwarded, "for=203.0.113.9, for=10.0.0.2"),
    ] {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")], header);
        assert!(proxies.trusts(own) && !proxies.trusts(stranger));
        let seen = |lines: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header.name(), HeaderValue::from_bytes(line).ok()?);
            }
            Some(proxies.client_behind(proxy, &headers))
        };
        let _ = seen(&[&line, &another]);
        let apart = seen(&[&line, &another, told.as_bytes()]);
        assert!(apart.is_none_or(|apart| apart == stranger));
        // What was left open may make the line unreadable.
        let together = seen(&[&[&line, b",".as_slice(), told.as_bytes()].concat()]);
        assert!(together.is_none_or(|together| together == stranger || together == proxy));
    }
});
