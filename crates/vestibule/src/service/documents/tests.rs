//! The fetcher against servers that speak TLS with a certificate of their own, most of them hostile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use url::Url;
use vestibule_broker::{Document, Documents as _, FetchError};
use vestibule_outbound::{Found, Limits, Names, Network, Outbound, Reach};

use super::{ClientHosts, LIMITS};

const HOST: &str = "app.example";
const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: max-age=60\r\n\
                    content-length: 2\r\n\r\n{}";

/// Every name is at this address, and somebody counts who asked.
struct Pinned(SocketAddr, Arc<AtomicUsize>);

impl Names for Pinned {
    fn find(&self, _name: &str) -> Found {
        self.1.fetch_add(1, Ordering::SeqCst);
        let address = self.0;
        Box::pin(async move { Ok::<_, io::Error>(vec![address]) })
    }
}

/// Every name is at the first address once, and at the other one from then on.
struct Rebound(SocketAddr, SocketAddr, AtomicUsize);

impl Names for Rebound {
    fn find(&self, _name: &str) -> Found {
        let moved = self.2.fetch_add(1, Ordering::SeqCst) > 0;
        let address = if moved { self.1 } else { self.0 };
        Box::pin(async move { Ok::<_, io::Error>(vec![address]) })
    }
}

/// A server for [`HOST`] on this machine.
struct Server {
    address: SocketAddr,
    root: Vec<u8>,
    connections: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    /// Writes `head`, and then `again` until the client has had enough, `pause` apart.
    async fn start(head: &'static str, again: &'static [u8], pause: Duration) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
        let root = made.cert.pem().into_bytes();
        let chain = vec![CertificateDer::from_pem_slice(&root).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut request = [0; 4096];
                    if stream.read(&mut request).await.is_err() {
                        return;
                    }
                    if stream.write_all(head.as_bytes()).await.is_err() || again.is_empty() {
                        return;
                    }
                    while stream.write_all(again).await.is_ok() && stream.flush().await.is_ok() {
                        tokio::time::sleep(pause).await;
                    }
                });
            }
        });
        Self {
            address,
            root,
            connections,
            asked: Arc::default(),
        }
    }

    async fn good() -> Self {
        Self::start(GOOD, b"", Duration::ZERO).await
    }

    fn hosts(&self, reach: Reach, limits: Limits) -> ClientHosts {
        let names = Pinned(SocketAddr::new(self.address.ip(), 0), self.asked.clone());
        self.hosts_by(names, reach, limits)
    }

    fn hosts_by(&self, names: impl Names + 'static, reach: Reach, limits: Limits) -> ClientHosts {
        let network = Network {
            names: Arc::new(names),
            roots: vec![self.root.clone()],
        };
        ClientHosts {
            public: Outbound::over(network, reach, limits).unwrap(),
            nearby: None,
        }
    }

    async fn fetch(&self) -> Result<Document, FetchError> {
        self.fetch_within(LIMITS).await
    }

    async fn fetch_within(&self, limits: Limits) -> Result<Document, FetchError> {
        let hosts = self.hosts(Reach::PublicOrLoopback, limits);
        hosts.fetch(&self.url(HOST), "application/json").await
    }

    fn url(&self, host: &str) -> Url {
        format!("https://{host}:{}/client.json", self.address.port())
            .parse()
            .unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_document_is_read_over_tls() {
    let server = Server::good().await;
    let document = server.fetch().await.unwrap();
    assert_eq!(document.body.as_ref(), b"{}");
    assert_eq!(document.media_type.as_deref(), Some("application/json"));
    assert_eq!(document.fresh_for, Some(Duration::from_secs(60)));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_followed_there() {
    let server = Server::good().await;
    let hosts = server.hosts(Reach::Public, LIMITS);
    let refused = hosts.fetch(&server.url(HOST), "application/json").await;
    assert!(matches!(refused, Err(FetchError::Forbidden(_))), "{refused:?}");
    assert_eq!(server.connections(), 0);
}

/// A name that changes its mind between the look and the call has nothing to change: what was looked at is what is called.
#[tokio::test]
async fn a_name_is_asked_for_once_and_what_it_said_is_what_is_called() {
    let server = Server::good().await;
    server.fetch().await.unwrap();
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    assert_eq!(server.connections(), 1);
}

/// DNS rebinding: a name that led where it may once leads into a private network when its document is read again.
#[tokio::test]
async fn a_name_that_moves_into_a_private_network_is_not_followed_there() {
    let server = Server::good().await;
    let (first, then) = (SocketAddr::new(server.address.ip(), 0), ([10, 0, 0, 1], 0).into());
    let names = Rebound(first, then, AtomicUsize::new(0));
    let hosts = server.hosts_by(names, Reach::PublicOrLoopback, LIMITS);
    let url = server.url(HOST);
    hosts.fetch(&url, "application/json").await.unwrap();
    let refused = hosts.fetch(&url, "application/json").await;
    assert!(matches!(refused, Err(FetchError::Forbidden(_))), "{refused:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Server::good().await;
    let hosts = server.hosts(Reach::PublicOrLoopback, LIMITS);
    let refused = hosts
        .fetch(&server.url("other.example"), "application/json")
        .await;
    assert!(matches!(refused, Err(FetchError::Unreachable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /client.json\r\ncontent-length: 0\r\n\r\n";
    let server = Server::start(head, b"", Duration::ZERO).await;
    assert_eq!(server.fetch().await.unwrap_err(), FetchError::Status(302));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn only_the_status_200_will_do() {
    for (head, status) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}", 404),
        ("HTTP/1.1 503 Away\r\ncontent-length: 2\r\n\r\n{}", 503),
    ] {
        let server = Server::start(head, b"", Duration::ZERO).await;
        assert_eq!(server.fetch().await.unwrap_err(), FetchError::Status(status));
    }
}

#[tokio::test]
async fn a_gigabyte_is_refused_by_its_announcement() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
    let server = Server::start(head, &[b' '; 16 * 1024], Duration::ZERO).await;
    let refused = server.fetch().await.unwrap_err();
    assert!(matches!(refused, FetchError::TooLarge(_)), "{refused:?}");
}

#[tokio::test]
async fn a_body_without_end_is_read_no_further_than_allowed() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let server = Server::start(head, &[b' '; 16 * 1024], Duration::ZERO).await;
    let begun = Instant::now();
    let refused = server.fetch().await.unwrap_err();
    assert!(matches!(refused, FetchError::TooLarge(_)), "{refused:?}");
    assert!(begun.elapsed() < LIMITS.time);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_time() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let server = Server::start(head, b" ", Duration::from_millis(20)).await;
    let limits = Limits {
        time: Duration::from_millis(300),
        ..LIMITS
    };
    let begun = Instant::now();
    let refused = server.fetch_within(limits).await.unwrap_err();
    assert!(matches!(refused, FetchError::Unreachable(_)), "{refused:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn plain_http_is_for_this_machine_alone() {
    let server = Server::good().await;
    for (reach, url) in [
        (Reach::Public, "http://app.example/client.json"),
        (Reach::PublicOrLoopback, "http://app.example/client.json"),
        (Reach::Public, "http://127.0.0.1/client.json"),
    ] {
        let refused = server
            .hosts(reach, LIMITS)
            .fetch(&url.parse().unwrap(), "application/json")
            .await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{url}: {refused:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn with_loopback_allowed_private_networks_are_still_out_of_reach() {
    let server = Server::good().await;
    let hosts = server.hosts(Reach::PublicOrLoopback, LIMITS);
    for host in [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
    ] {
        let url = format!("https://{host}/client.json").parse().unwrap();
        let refused = hosts.fetch(&url, "application/json").await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{host}: {refused:?}"
        );
    }
}
