//! Where calls may go.

use bytes::Bytes;
use http::{Request, Uri};
use vestibule_outbound::{Limits, Outbound, OutboundError, Reach};

use crate::server::{Server, Then};

async fn send(reach: Reach, url: &str) -> Result<http::Response<Bytes>, OutboundError> {
    let uri: Uri = url.parse().unwrap_or_else(|_| panic!("{url} is a URI"));
    let client = Outbound::new(reach, Limits::default()).unwrap();
    client.send(Request::get(uri).body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn an_address_of_this_machine_is_refused_however_it_is_spelt() {
    let server = Server::start(Then::Write(Vec::new())).await;
    for host in [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0177.0.0.01",
        "017700000001",
        "127.0.0.0x1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        let refused = send(Reach::Public, &format!("https://{host}:{}/", server.port)).await;
        assert!(
            matches!(refused, Err(OutboundError::Refused { .. })),
            "{host}: {refused:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn private_networks_and_metadata_services_are_refused() {
    for host in [
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
    ] {
        let refused = send(Reach::Public, &format!("https://{host}/latest/meta-data")).await;
        assert!(
            matches!(refused, Err(OutboundError::Refused { .. })),
            "{host}: {refused:?}"
        );
    }
    for host in [
        "169.254.169.254",
        "2852039166",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
    ] {
        let refused = send(Reach::Private, &format!("http://{host}/latest/meta-data")).await;
        assert!(
            matches!(refused, Err(OutboundError::Refused { .. })),
            "{host}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_name_of_this_machine_is_refused_by_what_it_resolves_to() {
    let server = Server::start(Then::Write(Vec::new())).await;
    for name in ["localhost", "LOCALHOST"] {
        let refused = send(Reach::Public, &format!("https://{name}:{}/", server.port)).await;
        assert!(
            matches!(refused, Err(OutboundError::Refused { .. })),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn plain_http_is_refused_on_the_public_internet() {
    for url in [
        "http://example.com/",
        "http://8.8.8.8/",
        "ftp://example.com/",
        "ws://example.com/",
    ] {
        let refused = send(Reach::Public, url).await;
        assert!(
            matches!(refused, Err(OutboundError::NotHttps { .. })),
            "{url}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn no_reach_includes_another_scheme() {
    let refused = send(Reach::Private, "ftp://localhost/").await;
    assert!(
        matches!(refused, Err(OutboundError::NotHttps { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_private_reach_goes_to_this_machine() {
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let server = Server::start(Then::Write(answer)).await;
    for host in ["127.0.0.1", "localhost"] {
        let answer = send(Reach::Private, &format!("http://{host}:{}/", server.port))
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
    }
}

#[tokio::test]
async fn a_url_without_a_host_is_no_address() {
    assert!(send(Reach::Private, "/path").await.is_err());
}
