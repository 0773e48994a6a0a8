//! Which texts are redirect URIs, and of what class.

use rstest::rstest;
use vestibule_protocol::{RedirectClass, RedirectPolicy, RedirectUri, RedirectUriError};

fn refusal(text: &str) -> RedirectUriError {
    RedirectUri::parse(text).expect_err(text)
}

#[rstest]
#[case("javascript:alert(1)")]
#[case("JaVaScRiPt:alert(1)")]
#[case("javascript://app.example/%0aalert(1)")]
#[case("data:text/html,hello")]
#[case("DATA:text/html;base64,aGk=")]
#[case("vbscript:msgbox")]
#[case("file:///etc/passwd")]
#[case("blob:https://app.example/0")]
#[case("about:blank")]
#[case("view-source:https://app.example/")]
#[case("filesystem:https://app.example/temporary/x")]
#[case("intent://app.example/cb")]
#[case("content://com.example/cb")]
#[case("ms-msdt:/id")]
#[case("search-ms:query=x")]
#[case("ftp://app.example/cb")]
#[case("ws://127.0.0.1/cb")]
#[case("mailto:thief@evil.example")]
#[case("sms:+1555")]
#[case("smb://evil.example/share")]
fn a_scheme_that_runs_code_or_speaks_another_protocol_is_refused(#[case] text: &str) {
    assert!(
        matches!(refusal(text), RedirectUriError::DangerousScheme(_)),
        "{text}"
    );
}

#[rstest]
#[case(" javascript:alert(1)")]
#[case("java\tscript:alert(1)")]
#[case("java\nscript:alert(1)")]
#[case("\u{1}javascript:alert(1)")]
#[case("https://app.example/cb\r\nSet-Cookie: a=b")]
#[case("https://app.example/cb\0")]
#[case("https://app.example/a b")]
#[case(" https://app.example/cb")]
#[case("https://app.example/cb ")]
#[case("https://app.example\\@evil.example/cb")]
#[case("https:\\\\evil.example/cb")]
#[case("https://app.example/<script>")]
#[case("https://app.example/\"onload=\"")]
#[case("https://аpp.example/cb")]
#[case("https://app.example/ü")]
#[case("https://app.example/\u{202e}")]
#[case("https://app.example/\u{7f}")]
#[case("http://127.0.0.1。evil.example/")]
fn a_character_that_no_uri_has_is_refused(#[case] text: &str) {
    assert_eq!(refusal(text), RedirectUriError::Character, "{text:?}");
}

/// > The endpoint URI MUST NOT include a fragment component. (RFC 6749 §3.1.2)
#[rstest]
#[case("https://app.example/cb#")]
#[case("https://app.example/cb#x")]
#[case("https://app.example#@evil.example/")]
#[case("cursor://callback#x")]
#[case("urn:ietf:wg:oauth:2.0:oob#x")]
fn a_fragment_is_refused(#[case] text: &str) {
    assert_eq!(refusal(text), RedirectUriError::Fragment, "{text}");
}

#[rstest]
#[case("http://127.0.0.1@evil.example/")]
#[case("http://127.0.0.1:33418@evil.example/")]
#[case("http://localhost:80@evil.example/cb")]
#[case("https://user:password@app.example/cb")]
#[case("https://@app.example/cb")]
#[case("https://:@app.example/cb")]
#[case("https://app.example@evil.example?x=/")]
#[case("http://[::1]@evil.example/")]
fn a_user_name_is_refused(#[case] text: &str) {
    assert_eq!(refusal(text), RedirectUriError::User, "{text}");
}

#[rstest]
#[case("http://127.1/cb")]
#[case("http://127.1:33418/cb")]
#[case("http://2130706433/cb")]
#[case("http://0x7f.0.0.1/cb")]
#[case("http://0177.0.0.1/cb")]
#[case("http://127.00001/cb")]
#[case("https://0x7f00001/cb")]
#[case("http://127.0.0.1./cb")]
#[case("http://[0:0:0:0:0:0:0:1]/cb")]
#[case("http://[::ffff:127.0.0.1]/cb")]
#[case("https://%61pp.example/cb")]
#[case("https://app%2eexample/cb")]
#[case("https://evil.example%2f.app.example/cb")]
#[case("https://evil.example%00.app.example/cb")]
#[case("http://local%68ost/cb")]
#[case("https://app.example./cb")]
#[case("http://localhost./cb")]
#[case("https://.app.example/cb")]
#[case("https://app..example/cb")]
#[case("https://*.app.example/cb")]
#[case("https://app.example,evil.example/cb")]
#[case("https://evil.example;.app.example/cb")]
#[case("https://app.example:/cb")]
#[case("http://localhost:/cb")]
fn a_host_or_port_that_is_not_what_it_reads_as_is_refused(#[case] text: &str) {
    assert!(
        matches!(refusal(text), RedirectUriError::Host | RedirectUriError::NotAUri),
        "{text}"
    );
}

#[rstest]
#[case("")]
#[case("callback")]
#[case("/callback")]
#[case("//app.example/cb")]
#[case("app.example/cb")]
#[case("https:")]
#[case("https:app.example/cb")]
#[case("https:/app.example/cb")]
#[case("https:///app.example/cb")]
#[case("https:////app.example/cb")]
#[case("https://")]
#[case("https://?x")]
#[case("http:?https://app.example/")]
#[case("https://:443/cb")]
#[case("https://app.example:65536/cb")]
#[case("https://app.example:99999999999999999999/cb")]
#[case("https://app.example:-1/cb")]
#[case("https://app.example:8o/cb")]
#[case("http://localhost:80:90/cb")]
#[case("http://[::1/cb")]
#[case("http://::1/cb")]
#[case("http://[fe80::1%25eth0]/cb")]
#[case("http://[fe80::1%eth0]/cb")]
#[case("http://[v1.x]/cb")]
#[case("http://[::1]evil.example/cb")]
#[case("http://[::1].evil.example/cb")]
#[case("1password:/cb")]
#[case("-app:/cb")]
#[case("my_app:/cb")]
#[case("cursor:")]
#[case("urn:ietf:wg:oauth:2.0:oob:auto")]
#[case("URN:ietf:wg:oauth:2.0:oob")]
#[case("urn:uuid:0")]
fn a_text_that_is_no_absolute_uri_is_refused(#[case] text: &str) {
    assert!(
        matches!(refusal(text), RedirectUriError::NotAUri | RedirectUriError::Host),
        "{text}"
    );
}

#[rstest]
#[case("localhost:3000/callback")]
#[case("localhost:3000")]
#[case("app.example:443/cb")]
#[case("app.example:443?x=y")]
fn a_host_without_its_scheme_is_no_app(#[case] text: &str) {
    assert_eq!(refusal(text), RedirectUriError::NotAUri, "{text}");
}

#[test]
fn a_uri_longer_than_2048_characters_is_refused() {
    let base = "https://app.example/";
    let longest = format!("{base}{}", "a".repeat(2048 - base.len()));
    assert!(RedirectUri::parse(&longest).is_ok());
    assert_eq!(refusal(&format!("{longest}a")), RedirectUriError::TooLong);
}

#[rstest]
#[case("http://localhost.evil.example/cb")]
#[case("http://127.0.0.1.evil.example/cb")]
#[case("http://evil.example/127.0.0.1/cb")]
#[case("http://evil.example/?http://127.0.0.1/")]
#[case("http://localhost-evil.example/cb")]
#[case("http://xlocalhost/cb")]
#[case("http://127.0.0.2/cb")]
#[case("http://0.0.0.0/cb")]
#[case("http://10.0.0.1/cb")]
#[case("http://169.254.169.254/latest")]
#[case("http://[::2]/cb")]
#[case("http://[fe80::1]/cb")]
#[case("HTTP://app.example/cb")]
fn plain_http_to_another_machine_is_refused_unless_the_operator_allows_it(#[case] text: &str) {
    let uri = RedirectUri::parse(text).expect(text);
    assert_eq!(uri.class(), RedirectClass::PlainHttp, "{text}");
    assert_eq!(
        RedirectPolicy::default().validate(&uri),
        Err(RedirectUriError::PlainHttp)
    );
    let open = RedirectPolicy {
        allow_plain_http: true,
    };
    assert_eq!(open.validate(&uri), Ok(()));
}

#[rstest]
#[case("https://app.example/cb", RedirectClass::Https)]
#[case("https://app.example", RedirectClass::Https)]
#[case("https://APP.example:8443/cb?a=b%20c&d", RedirectClass::Https)]
#[case("HTTPS://app.example/cb", RedirectClass::Https)]
#[case("https://app_one.example/cb", RedirectClass::Https)]
#[case("https://xn--mnchen-3ya.example/cb", RedirectClass::Https)]
#[case("https://192.0.2.7/cb", RedirectClass::Https)]
#[case("https://[2001:db8::1]:8443/cb", RedirectClass::Https)]
#[case("https://localhost/cb", RedirectClass::Https)]
#[case("https://app.example/a%2Fb/../c", RedirectClass::Https)]
#[case("https://app.example/mail@home", RedirectClass::Https)]
#[case("http://127.0.0.1/", RedirectClass::Loopback)]
#[case("http://127.0.0.1:33418", RedirectClass::Loopback)]
#[case("http://[::1]/cb", RedirectClass::Loopback)]
#[case("http://[::1]:65535/cb", RedirectClass::Loopback)]
#[case("http://[::1]:0/", RedirectClass::Loopback)]
#[case("http://localhost/callback", RedirectClass::Loopback)]
#[case("http://LocalHost:8787/callback?x=y", RedirectClass::Loopback)]
#[case("cursor://anysphere.cursor-mcp/oauth/callback", RedirectClass::PrivateUse)]
#[case("com.example.app:/oauth2redirect", RedirectClass::PrivateUse)]
#[case("com.example.app://", RedirectClass::PrivateUse)]
#[case("myapp:callback", RedirectClass::PrivateUse)]
#[case("app+x-1.y:/cb", RedirectClass::PrivateUse)]
#[case("vscode://publisher.extension/cb?windowId=1", RedirectClass::PrivateUse)]
#[case("urn:ietf:wg:oauth:2.0:oob", RedirectClass::OutOfBand)]
fn what_real_apps_use_is_accepted(#[case] text: &str, #[case] class: RedirectClass) {
    let uri = RedirectUri::parse(text).expect(text);
    assert_eq!(uri.class(), class, "{text}");
    assert_eq!(uri.as_str(), text, "kept as it was written");
    assert_eq!(RedirectPolicy::default().validate(&uri), Ok(()));
}

#[rstest]
#[case("https://APP.example:8443/cb", "app.example")]
#[case("https://app.example?evil.example/", "app.example")]
#[case("http://[::1]:80/cb", "[::1]")]
#[case("Cursor://evil.example/cb", "cursor:")]
#[case("urn:ietf:wg:oauth:2.0:oob", "")]
fn a_person_is_shown_the_host_or_the_scheme(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(RedirectUri::parse(text).expect(text).display_host(), shown);
}
