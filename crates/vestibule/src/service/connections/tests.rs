use std::net::SocketAddr;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::*;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(600);
const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A server whose answers to `/slow` wait until the test lets them go.
struct World {
    address: SocketAddr,
    /// One more as each slow request arrives.
    arrived: Arc<Semaphore>,
    /// One less as each slow request is answered.
    leave: Arc<Semaphore>,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl World {
    async fn new(first_request: Duration, next_request: Duration) -> Self {
        Self::with(Patience {
            first_request,
            next_request,
            ping: SHORT,
            idle: LONG,
        })
        .await
    }

    async fn with(patience: Patience) -> Self {
        let (arrived, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let slow = {
            let (arrived, leave) = (arrived.clone(), leave.clone());
            move || async move {
                arrived.add_permits(1);
                leave.acquire().await.unwrap().forget();
                "slow"
            }
        };
        let app = Router::new()
            .route("/", get(async || "quick"))
            .route(
                "/peer",
                get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()),
            )
            .route("/slow", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, app, Transport::Plain, patience, stop.clone()));
        Self {
            address,
            arrived,
            leave,
            stop,
            server,
        }
    }

    /// A connection on which `text` was sent.
    async fn say(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// A slow request that reached its handler.
    async fn slow(&self) -> TcpStream {
        let stream = self.say("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        self.arrived.acquire().await.unwrap().forget();
        stream
    }
}

/// All that comes until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
    // A reset is as good an end as another.
    let _ = read.await.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The next answer, which ends with `body`.
async fn answer(stream: &mut TcpStream, body: &str) {
    let mut text = String::new();
    while !text.ends_with(body) {
        let mut bytes = [0; 1024];
        let count = stream.read(&mut bytes).await.unwrap();
        assert_ne!(count, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
}

#[tokio::test]
async fn whoever_asks_for_nothing_in_time_is_cut_off() {
    let world = World::new(SHORT, LONG).await;
    for said in [
        "",
        "G",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        &PREFACE[..3],
        PREFACE,
    ] {
        let rest = rest(world.say(said).await).await;
        assert!(!rest.contains("200 OK"), "{said:?}: {rest:?}");
    }
}

#[tokio::test]
async fn drops_of_a_header_do_not_win_time() {
    let world = World::new(SHORT, LONG).await;
    let (mut reader, mut writer) = world.say("GET / HTTP/1.1\r\n").await.into_split();
    let drops = tokio::spawn(async move {
        let mut pace = tokio::time::interval(SHORT / 10);
        for _ in 0..10_000 {
            pace.tick().await;
            if writer.write_all(b"X-Drop: 1\r\n").await.is_err() {
                return;
            }
        }
    });
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), reader.read_to_end(&mut bytes));
    let _ = read.await.expect("the server closes the connection");
    assert!(bytes.is_empty());
    drops.abort();
}

#[tokio::test]
async fn the_header_of_a_later_request_is_waited_for_as_briefly() {
    for said in ["", "GET / HTTP/1.1\r\nX-Slow: "] {
        let world = World::new(LONG, SHORT).await;
        let mut stream = world.say(REQUEST).await;
        answer(&mut stream, "quick").await;
        stream.write_all(said.as_bytes()).await.unwrap();
        let rest = rest(stream).await;
        assert!(!rest.contains("200 OK"), "{said:?}: {rest:?}");
    }
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_header() {
    let world = World::new(SHORT, SHORT).await;
    let mut slow = world.slow().await;
    // A connection made later is cut off first: the time of the slow one has passed twice over.
    rest(world.say("").await).await;
    rest(world.say("").await).await;
    world.leave.add_permits(1);
    answer(&mut slow, "slow").await;
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let world = World::new(LONG, LONG).await;
    let mut stream = world.say(&REQUEST[..20]).await;
    stream.write_all(&REQUEST.as_bytes()[20..]).await.unwrap();
    answer(&mut stream, "quick").await;
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(&mut stream, "quick").await;
}

#[tokio::test]
async fn every_request_brings_the_address_of_its_peer() {
    let world = World::new(LONG, LONG).await;
    let mut stream = world.say("").await;
    let own = stream.local_addr().unwrap().to_string();
    for _ in 0..2 {
        let request = "GET /peer HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        answer(&mut stream, &own).await;
    }
}

/// Asks once over HTTP/2, answers every ping and asks for nothing more; the kinds of frames that come until the server closes.
async fn idle_over_http2(world: &World) -> Vec<u8> {
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const ACK: u8 = 1;
    // `:method GET`, `:scheme http`, `:path /`, `:authority a`, as HPACK writes them.
    const GET: &[u8] = b"\0\0\x06\x01\x05\0\0\0\x01\x82\x86\x84\x41\x01a";
    let mut stream = world.say(PREFACE).await;
    stream
        .write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    stream.write_all(GET).await.unwrap();
    let mut kinds = Vec::new();
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).await.is_err() {
            return kinds;
        }
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        if stream.read_exact(&mut payload).await.is_err() {
            return kinds;
        }
        kinds.push(head[3]);
        if matches!(head[3], SETTINGS | PING) && head[4] & ACK == 0 {
            let answer = if head[3] == PING { payload } else { Vec::new() };
            head[2] = u8::try_from(answer.len()).unwrap();
            head[4] = ACK;
            let _ = stream.write_all(&[&head[..], &answer].concat()).await;
        }
    }
}

#[tokio::test]
async fn whoever_answers_pings_and_asks_for_nothing_more_is_sent_away() {
    const GOAWAY: u8 = 7;
    let world = World::with(Patience {
        first_request: SHORT,
        next_request: LONG,
        ping: SHORT,
        idle: SHORT * 4,
    })
    .await;
    let seen = tokio::time::timeout(Duration::from_secs(30), idle_over_http2(&world)).await;
    let kinds = seen.expect("the server closes the connection");
    assert!(kinds.contains(&GOAWAY), "{kinds:?}");
}

#[tokio::test]
async fn a_stop_waits_for_answers_under_way_and_for_nothing_else() {
    let world = World::new(LONG, LONG).await;
    let mut kept = world.say(REQUEST).await;
    answer(&mut kept, "quick").await;
    let silent = world.say("").await;
    let slow = world.slow().await;
    world.stop.cancel();
    assert_eq!(rest(kept).await, "");
    assert_eq!(rest(silent).await, "");
    assert!(!world.server.is_finished());
    world.leave.add_permits(1);
    let last = rest(slow).await;
    assert!(last.ends_with("slow"), "{last}");
    world.server.await.unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_connections() {
    let world = World::new(LONG, LONG).await;
    let slow = world.slow().await;
    world.server.abort();
    assert_eq!(rest(slow).await, "");
}
