//! How long, how much, and what an error may say.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use vestibule_outbound::{Limits, Outbound, OutboundError, Reach};

use crate::server::{Server, Then};

const MOST: usize = 64 * 1024;

fn client() -> Outbound {
    let limits = Limits {
        time: Duration::from_millis(300),
        body: MOST,
    };
    Outbound::new(Reach::Private, limits).unwrap()
}

async fn get(server: &Server) -> Result<http::Response<Bytes>, OutboundError> {
    let request = Request::get(server.url("/path?secret-query"))
        .body(Bytes::new())
        .unwrap();
    client().send(request).await
}

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes()
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start(Then::Write(head("content-length: 0\r\n"))).await;
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.url("/");
        let answer = format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::start(Then::Write(answer.into_bytes())).await;
        assert_eq!(get(&server).await.unwrap().status(), status);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_not_read() {
    let server = Server::start(Then::WriteAndHang(head("content-length: 10485760\r\n"))).await;
    assert!(matches!(
        get(&server).await,
        Err(OutboundError::TooLarge { most: MOST, .. })
    ));
}

#[tokio::test]
async fn a_length_beyond_all_numbers_is_no_answer() {
    let server = Server::start(Then::Write(head("content-length: 99999999999999999999999\r\n"))).await;
    assert!(get(&server).await.is_err());
}

#[tokio::test]
async fn a_chunked_body_without_end_is_cut_off() {
    let chunk = [b"1000\r\n".to_vec(), vec![b'x'; 0x1000], b"\r\n".to_vec()].concat();
    let server = Server::start(Then::WriteForever(head("transfer-encoding: chunked\r\n"), chunk)).await;
    assert!(matches!(get(&server).await, Err(OutboundError::TooLarge { .. })));
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_is_cut_off_too() {
    let server = Server::start(Then::WriteForever(
        head("connection: close\r\n"),
        vec![b'x'; 4096],
    ))
    .await;
    assert!(matches!(get(&server).await, Err(OutboundError::TooLarge { .. })));
}

#[tokio::test]
async fn a_body_of_just_the_allowed_length_is_read() {
    let body = [head(&format!("content-length: {MOST}\r\n")), vec![b'x'; MOST]].concat();
    let server = Server::start(Then::Write(body)).await;
    assert_eq!(get(&server).await.unwrap().body().len(), MOST);
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![0; 10 * 1024 * 1024]).unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < MOST, "the bomb itself is small");
    let fields = format!("content-encoding: gzip\r\ncontent-length: {}\r\n", bomb.len());
    let server = Server::start(Then::Write([head(&fields), bomb.clone()].concat())).await;
    assert_eq!(get(&server).await.unwrap().body(), &bomb);
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let server = Server::start(Then::WriteForever(
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        format!("x: {}\r\n", "y".repeat(1000)).into_bytes(),
    ))
    .await;
    assert!(get(&server).await.is_err());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let server = Server::start(Then::WriteAndHang(Vec::new())).await;
    assert!(matches!(get(&server).await, Err(OutboundError::TimedOut { .. })));
}

#[tokio::test]
async fn a_body_that_stops_half_way_is_given_up() {
    let half = [head("content-length: 100\r\n"), vec![b'x'; 50]].concat();
    let server = Server::start(Then::WriteAndHang(half)).await;
    assert!(matches!(get(&server).await, Err(OutboundError::TimedOut { .. })));
}

#[tokio::test]
async fn informational_answers_without_end_are_given_up() {
    let server = Server::start(Then::WriteForever(
        Vec::new(),
        b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
    ))
    .await;
    assert!(get(&server).await.is_err());
}

#[tokio::test]
async fn an_error_names_the_host_and_never_query_header_or_body() {
    let broken = Server::start(Then::Write(b"this is not HTTP\r\n\r\n".to_vec())).await;
    let silent = Server::start(Then::WriteAndHang(Vec::new())).await;
    let large = Server::start(Then::WriteAndHang(head("content-length: 10485760\r\n"))).await;
    for server in [broken, silent, large] {
        let request = Request::post(server.url("/path?secret-query"))
            .header("authorization", "Bearer secret-header")
            .body(Bytes::from_static(b"secret-body"))
            .unwrap();
        let error = client().send(request).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("127.0.0.1"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_cannot_be_reached() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let request = Request::get(format!("http://127.0.0.1:{port}/"))
        .body(Bytes::new())
        .unwrap();
    let error = client().send(request).await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn an_ordinary_answer_comes_whole() {
    let answer = [head("content-length: 5\r\nx-kept: yes\r\n"), b"hello".to_vec()].concat();
    let server = Server::start(Then::Write(answer)).await;
    let answer = get(&server).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-kept"], "yes");
    assert_eq!(answer.body(), "hello");
}
