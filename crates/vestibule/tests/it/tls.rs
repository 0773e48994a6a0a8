//! The program speaks TLS by itself.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, generate_simple_self_signed};

use super::{run, vestibule};

const SECRET: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// Ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn write_pair(folder: &Path, certificate: &str, key: &str) {
    fs::write(folder.join("key.pem"), key).unwrap();
    fs::set_permissions(folder.join("key.pem"), Permissions::from_mode(0o600)).unwrap();
    fs::write(folder.join("chain.pem"), certificate).unwrap();
}

fn configure(folder: &Path, port: u16) {
    let text = format!(
        r#"
issuer = "https://localhost:{port}"
[listen]
address = "127.0.0.1:{port}"
tls_certificate = "chain.pem"
tls_key = "key.pem"
[store]
kind = "memory"
[secrets]
master = "{SECRET}"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[[resources]]
uri = "https://mcp.example.com/mcp"
[resources.scopes]
"notes:read" = "Read your notes"
"#
    );
    fs::write(folder.join("vestibule.toml"), text).unwrap();
}

/// Asks for the metadata until somebody answers whose certificate is this one.
async fn issuer(port: u16, certificate: &str) -> String {
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let url = format!("https://localhost:{port}/.well-known/oauth-authorization-server");
    for _ in 0..3000 {
        let client = reqwest::Client::builder()
            .tls_certs_only([trusted.clone()])
            .no_proxy();
        if let Ok(answer) = client.build().unwrap().get(&url).send().await {
            let metadata: serde_json::Value =
                serde_json::from_slice(&answer.bytes().await.unwrap()).expect("metadata");
            return metadata["issuer"].as_str().expect("an issuer").to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody answers with this certificate");
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_sighup() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    configure(folder.path(), port);
    let pair = || {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    };
    let (certificate, key) = pair();
    write_pair(folder.path(), &certificate, &key);
    let program = vestibule(&["serve", "--config"])
        .arg(folder.path().join("vestibule.toml"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let program = Running(program);
    assert_eq!(
        issuer(port, &certificate).await,
        format!("https://localhost:{port}")
    );

    let (certificate, key) = pair();
    write_pair(folder.path(), &certificate, &key);
    let id = program.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(
        issuer(port, &certificate).await,
        format!("https://localhost:{port}")
    );
}

#[test]
fn a_key_of_another_certificate_is_one_clear_sentence_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), 0);
    let CertifiedKey { cert, .. } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = KeyPair::generate().unwrap();
    write_pair(folder.path(), &cert.pem(), &other.serialize_pem());
    let file = folder.path().join("vestibule.toml");
    let (well, _, told) = run(vestibule(&["serve", "--config"]).arg(&file));
    assert!(!well && told.lines().count() == 1, "{told}");
    assert!(
        told.contains("key.pem is not the one of the certificate in "),
        "{told}"
    );
    let (well, said, _) = run(vestibule(&["doctor", "--config"]).arg(&file));
    assert!(!well && said.contains("certificate, files:"), "{said}");
}

#[test]
fn the_doctor_looks_at_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), 0);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["elsewhere.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    write_pair(folder.path(), &certificate.pem(), &key.serialize_pem());
    let file = folder.path().join("vestibule.toml");
    let (well, said, _) = run(vestibule(&["doctor", "--config"]).arg(&file));
    assert!(!well, "{said}");
    assert!(said.contains("ended at 2021-01-01"), "{said}");
    assert!(said.contains("does not name localhost"), "{said}");
}
