//! Redirect URIs: a browser comes to the host that was judged, whatever parameters are added.

#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use vestibule_protocol::{RedirectClass, RedirectUri};

fuzz_target!(|input: (&str, &str, &str)| {
    let (text, presented, value) = input;
    let Ok(uri) = RedirectUri::parse(text) else { return };
    assert_eq!(uri.as_str(), text);
    assert_eq!(uri.accept(text).as_ref().map(RedirectUri::as_str), Some(text));
    if let Some(accepted) = uri.accept(presented) {
        assert_eq!(accepted.class(), uri.class());
        assert_eq!(accepted.display_host(), uri.display_host());
    }
    let location = uri.with_params(&[("error", value), ("state", presented)]);
    assert!(location.is_ascii() && !location.contains(['\r', '\n', ' ', '"', '<', '>']));
    match uri.class() {
        RedirectClass::Https | RedirectClass::Loopback | RedirectClass::PlainHttp => {
            let url = Url::parse(&location).expect("a URL");
            assert_eq!(url.host_str(), Some(uri.display_host().as_str()));
            assert_eq!(url.scheme() == "https", uri.class() == RedirectClass::Https);
            assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
        }
        RedirectClass::PrivateUse => {
            if let Ok(url) = Url::parse(&location) {
                assert!(!["http", "https", "javascript", "data", "file", "blob"].contains(&url.scheme()));
            }
        }
        RedirectClass::OutOfBand => assert_eq!(text, "urn:ietf:wg:oauth:2.0:oob"),
    }
});
