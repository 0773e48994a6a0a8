use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use axum::Router;
use axum::routing::get;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vestibule_broker::ManualClock;
use vestibule_protocol::Timestamp;

use super::*;
use crate::service::connections::{Patience, Transport, serve};

const HOST: &str = "localhost";
/// The third of July 2030.
const NOW: Timestamp = Timestamp::from_secs(1_909_267_200);

/// An authority, and the folder with the files that a broker is given.
struct World {
    authority: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
    files: TlsFiles,
}

impl World {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: folder.path().join("chain.pem"),
            key: folder.path().join("key.pem"),
        };
        let world = Self {
            authority,
            folder,
            files,
        };
        world.write(&world.issue(HOST, 1));
        world
    }

    /// A certificate and its key in PEM.
    fn issue(&self, host: &str, serial: u64) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.serial_number = Some(serial.into());
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2030, 7, 15);
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn write(&self, (certificate, key): &(String, String)) {
        fs::write(&self.files.certificate, certificate).unwrap();
        fs::write(&self.files.key, key).unwrap();
        fs::set_permissions(&self.files.key, Permissions::from_mode(0o600)).unwrap();
    }

    fn open(&self) -> Result<Tls, TlsError> {
        let issuer = Issuer::parse("https://localhost").unwrap();
        Tls::open(self.files.clone(), &issuer, Arc::new(ManualClock::at(NOW)))
    }

    fn refusal(&self) -> String {
        match self.open() {
            Ok(_) => panic!("the files are taken"),
            Err(error) => error.to_string(),
        }
    }

    fn client(&self, http1_only: bool) -> reqwest::Client {
        let authority = reqwest::Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        let builder = reqwest::Client::builder()
            .tls_certs_only([authority])
            .tls_info(true)
            .no_proxy();
        if http1_only { builder.http1_only() } else { builder }
            .build()
            .unwrap()
    }
}

/// A server, stopped when the token is cancelled.
async fn start(tls: Arc<Tls>, patience: Patience) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let app = Router::new().route("/", get(async || "over TLS"));
    tokio::spawn(serve(listener, app, Transport::Tls(tls), patience, stop.clone()));
    (address, stop)
}

async fn ask(client: &reqwest::Client, address: SocketAddr) -> reqwest::Response {
    let url = format!("https://{HOST}:{}/", address.port());
    client.get(url).send().await.unwrap()
}

/// The serial number of the certificate that an answer came with.
fn serial(answer: &reqwest::Response) -> String {
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    let der = info.peer_certificate().unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(der).unwrap();
    certificate.raw_serial_as_string()
}

#[tokio::test]
async fn clients_choose_between_http_1_and_2() {
    let world = World::new();
    let (address, _stop) = start(Arc::new(world.open().unwrap()), Patience::USUAL).await;
    let answer = ask(&world.client(false), address).await;
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    let answer = ask(&world.client(true), address).await;
    assert_eq!(answer.version(), reqwest::Version::HTTP_11);
    assert_eq!(answer.text().await.unwrap(), "over TLS");
}

#[tokio::test]
async fn a_changed_pair_is_shown_to_new_connections_while_old_ones_live() {
    let world = World::new();
    let tls = Arc::new(world.open().unwrap());
    let (address, _stop) = start(tls.clone(), Patience::USUAL).await;
    let old = world.client(true);
    let answer = ask(&old, address).await;
    let (first, peer) = (serial(&answer), answer.remote_addr());
    drop(answer.text().await);

    world.write(&world.issue(HOST, 2));
    tls.look().await;
    let second = serial(&ask(&world.client(true), address).await);
    assert_ne!(first, second);
    let answer = ask(&old, address).await;
    assert_eq!(
        (serial(&answer), answer.remote_addr()),
        (first, peer),
        "the connection lives on"
    );
}

#[tokio::test]
async fn a_pair_that_does_not_fit_together_leaves_the_one_before() {
    let world = World::new();
    let tls = Arc::new(world.open().unwrap());
    let (address, _stop) = start(tls.clone(), Patience::USUAL).await;
    let first = serial(&ask(&world.client(true), address).await);
    let ((certificate, _), (_, key)) = (world.issue(HOST, 2), world.issue(HOST, 3));
    for (certificate, key) in [
        (certificate.as_str(), key.as_str()),
        ("no certificate", key.as_str()),
        (certificate.as_str(), ""),
    ] {
        world.write(&(certificate.to_owned(), key.to_owned()));
        tls.look().await;
        assert_eq!(serial(&ask(&world.client(true), address).await), first);
    }
    world.write(&world.issue(HOST, 4));
    tls.look().await;
    assert_ne!(serial(&ask(&world.client(true), address).await), first);
}

#[tokio::test]
async fn plain_http_is_told_to_speak_https() {
    let world = World::new();
    let (address, _stop) = start(Arc::new(world.open().unwrap()), Patience::USUAL).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The request is never read, so the connection may end in a reset behind the answer.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("https://"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_cut_off_and_keeps_nobody_waiting() {
    let world = World::new();
    let patience = Patience {
        first_request: Duration::from_millis(300),
        ..Patience::USUAL
    };
    let (address, _stop) = start(Arc::new(world.open().unwrap()), patience).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut halting = TcpStream::connect(address).await.unwrap();
    halting.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
    assert_eq!(
        ask(&world.client(false), address).await.text().await.unwrap(),
        "over TLS"
    );
    for stream in [&mut silent, &mut halting] {
        let mut rest = Vec::new();
        // An end or a reset: nothing is answered.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    }
}

#[test]
fn what_is_wrong_with_the_files_is_one_clear_sentence() {
    let world = World::new();
    let (certificate, key) = world.issue(HOST, 2);
    let other = world.issue(HOST, 3).1;
    for (pair, told) in [
        ((certificate.clone(), other), "is not the one of the certificate"),
        ((String::new(), key.clone()), "chain.pem holds no certificate"),
        ((key.clone(), key.clone()), "chain.pem holds no certificate"),
        (
            (certificate.clone(), certificate.clone()),
            "key.pem holds no private key",
        ),
    ] {
        world.write(&pair);
        let refusal = world.refusal();
        assert!(refusal.contains(told), "{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
    world.write(&(certificate, key));
    fs::set_permissions(&world.files.key, Permissions::from_mode(0o644)).unwrap();
    let refusal = world.refusal();
    assert!(refusal.contains("chmod o="), "{refusal}");
    fs::remove_file(&world.files.key).unwrap();
    let refusal = world.refusal();
    assert!(
        refusal.contains("key.pem cannot be read") && refusal.contains("tls_key"),
        "{refusal}"
    );
    drop(world.folder);
}

#[test]
fn a_certificate_that_clients_will_refuse_is_told_of() {
    let world = World::new();
    let certificate = examine(&world.files).unwrap();
    let [localhost, other] = [HOST, "auth.example.com"].map(|host| ServerName::try_from(host).unwrap());
    let dangers = |host, now| {
        let dangers = certificate.dangers(Some(host), Timestamp::from_secs(now));
        dangers
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    };
    // The first of July 2030, the third and the sixteenth; and 2019.
    assert_eq!(dangers(&localhost, 1_909_000_000 - 86_400), "");
    assert!(dangers(&localhost, NOW.as_secs()).contains("ends at 2030-07-15"));
    assert!(dangers(&localhost, 1_910_390_400).contains("ended at 2030-07-15"));
    assert!(dangers(&localhost, 1_546_300_800).contains("counts from 2020-01-01"));
    assert!(dangers(&other, 1_900_000_000).contains("does not name auth.example.com"));
}
