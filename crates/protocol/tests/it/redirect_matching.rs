//! Which presented redirect URIs a registered one admits.

use rstest::rstest;
use vestibule_protocol::RedirectUri;

fn admits(registered: &str, presented: &str) -> bool {
    let registered = RedirectUri::parse(registered).expect(registered);
    let accepted = registered.accept(presented);
    if let Some(uri) = &accepted {
        assert_eq!(
            uri.as_str(),
            presented,
            "the presented URI is used as it was written"
        );
    }
    accepted.is_some()
}

/// > the authorization server MUST compare the two URIs using simple string comparison
/// > (RFC 6749 §3.1.2.3, RFC 3986 §6.2.1)
#[rstest]
#[case("https://app.example/cb", "https://app.example/cb/")]
#[case("https://app.example/cb/", "https://app.example/cb")]
#[case("https://app.example", "https://app.example/")]
#[case("https://app.example/cb", "https://app.example/CB")]
#[case("https://app.example/cb", "https://APP.example/cb")]
#[case("https://app.example/cb", "HTTPS://app.example/cb")]
#[case("https://app.example/cb", "https://app.example:443/cb")]
#[case("https://app.example/cb", "https://app.example:8443/cb")]
#[case("https://app.example/cb", "http://app.example/cb")]
#[case("https://app.example/cb", "https://app.example/cb?x=y")]
#[case("https://app.example/cb?x=y", "https://app.example/cb")]
#[case("https://app.example/cb", "https://app.example/cb/../evil")]
#[case("https://app.example/cb", "https://app.example/x/../cb")]
#[case("https://app.example/cb", "https://app.example/%63b")]
#[case("https://app.example/a/b", "https://app.example/a%2Fb")]
#[case("https://app.example/a%2fb", "https://app.example/a%2Fb")]
#[case("https://app.example/cb", "https://app.example/cb#")]
#[case("https://app.example/cb", "https://app.example/cb#x")]
#[case("https://app.example/cb", " https://app.example/cb")]
#[case("https://app.example/cb", "https://app.example/cb\n")]
#[case("https://app.example/cb", "https://evil.example/cb")]
#[case("https://app.example/cb", "https://app.example.evil.example/cb")]
#[case("https://app.example/cb", "https://app.example@evil.example/cb")]
#[case("https://app.example/cb", "https://sub.app.example/cb")]
#[case("https://app.example/cb", "")]
#[case("https://localhost/cb", "https://localhost:8443/cb")]
#[case("cursor://a/cb", "cursor://a/cb/")]
#[case("cursor://a/cb", "Cursor://a/cb")]
#[case("cursor://a/cb", "cursor://a:80/cb")]
#[case("urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob:auto")]
#[case("urn:ietf:wg:oauth:2.0:oob", "http://127.0.0.1/")]
#[case("http://app.example/cb", "http://app.example:8080/cb")]
fn anything_but_the_same_text_is_refused(#[case] registered: &str, #[case] presented: &str) {
    assert!(
        !admits(registered, presented),
        "{registered} must not admit {presented}"
    );
}

#[rstest]
#[case("http://127.0.0.1/cb", "http://localhost/cb")]
#[case("http://127.0.0.1/cb", "http://[::1]/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.2/cb")]
#[case("http://127.0.0.1/cb", "https://127.0.0.1/cb")]
#[case("http://127.0.0.1/cb", "https://127.0.0.1:8443/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:3000/CB")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:3000/cb/")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:3000/")]
#[case("http://127.0.0.1/", "http://127.0.0.1:3000/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:3000/cb?x=y")]
#[case("http://127.0.0.1/cb?x=y", "http://127.0.0.1:3000/cb?x=z")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:3000/cb#x")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:x/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1:80.evil.example/cb")]
#[case("http://127.0.0.1/cb", "http://127.0.0.1\\.evil.example/cb")]
#[case("http://127.0.0.1/cb", "http://127.1:3000/cb")]
#[case("http://127.0.0.1/cb", "http://2130706433:3000/cb")]
#[case("http://127.0.0.1/cb", "HTTP://127.0.0.1:3000/cb")]
#[case("http://localhost/cb", "http://localhost.evil.example/cb")]
#[case("http://localhost/cb", "http://localhost:3000.evil.example/cb")]
#[case("http://localhost/cb", "http://LOCALHOST:3000/cb")]
#[case("http://localhost/cb", "http://local%68ost:3000/cb")]
#[case("http://[::1]/cb", "http://[::1]:3000.evil.example/cb")]
#[case("http://[::1]/cb", "http://[0:0:0:0:0:0:0:1]:3000/cb")]
#[case("http://[::1]/cb", "http://[::1%25lo]:3000/cb")]
fn of_a_loopback_uri_nothing_but_the_port_may_differ(#[case] registered: &str, #[case] presented: &str) {
    assert!(
        !admits(registered, presented),
        "{registered} must not admit {presented}"
    );
}

/// > The authorization server MUST allow any port to be specified at the time of the request for loopback IP redirect URIs
/// > (RFC 8252 §7.3)
#[rstest]
#[case("http://127.0.0.1/", "http://127.0.0.1:51234/")]
#[case("http://127.0.0.1:33418/", "http://127.0.0.1:51234/")]
#[case("http://127.0.0.1:33418/", "http://127.0.0.1/")]
#[case("http://127.0.0.1:33418", "http://127.0.0.1:51234/")]
#[case("http://127.0.0.1/", "http://127.0.0.1:51234")]
#[case("http://[::1]/cb", "http://[::1]:51234/cb")]
#[case("http://[::1]:0/", "http://[::1]:51234/")]
#[case("http://localhost/callback", "http://localhost:3118/callback")]
#[case("http://localhost:8787/callback?a=b", "http://localhost:1/callback?a=b")]
fn any_port_of_a_loopback_uri_is_admitted(#[case] registered: &str, #[case] presented: &str) {
    assert!(
        admits(registered, presented),
        "{registered} must admit {presented}"
    );
}

#[rstest]
#[case("https://app.example/cb?a=b%20c&d")]
#[case("https://app.example/a%2Fb/../c")]
#[case("cursor://anysphere.cursor-mcp/oauth/callback")]
#[case("urn:ietf:wg:oauth:2.0:oob")]
#[case("http://app.example/cb")]
fn the_same_text_is_admitted(#[case] text: &str) {
    assert!(admits(text, text));
}
