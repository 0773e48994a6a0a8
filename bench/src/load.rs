//! A load: a server on a thread of its own, connections that send one request after the other, and what it cost.
//!
//! The cost of a request is the processor time of the server's thread, as the kernel counts it, so that neither a slow
//! client nor a busy neighbour counts. A baseline and its subject take turns in short rounds, and the median is taken.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::serve::ListenerExt as _;

/// Connections at once.
pub const CONNECTIONS: usize = 16;
/// How long one round lasts.
const ROUND: Duration = Duration::from_millis(700);
/// How many rounds each side has.
const ROUNDS: usize = 7;

/// A running server.
pub struct Server {
    address: SocketAddr,
    thread: String,
}

impl Server {
    /// Serves `app` on one thread, which has this name for profilers.
    pub fn start(name: &str, app: Router) -> Self {
        let (send, receive) = mpsc::channel();
        let serve = move || {
            let id = fs::read_link("/proc/thread-self").expect("a Linux machine");
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                send.send((listener.local_addr().unwrap(), id)).unwrap();
                let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
                axum::serve(listener, app).await.unwrap();
            });
        };
        thread::Builder::new().name(name.to_owned()).spawn(serve).unwrap();
        let (address, id) = receive.recv().unwrap();
        Self {
            address,
            thread: format!("/proc/{}/schedstat", id.display()),
        }
    }

    /// The processor time that the server's thread has used.
    fn used(&self) -> Duration {
        let text = fs::read_to_string(&self.thread).expect("the kernel's accounts");
        Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
    }
}

/// What one side of a comparison does: makes the next request of a connection from the answer to the last one.
pub type Script = Arc<dyn Fn(usize, Option<&str>) -> Option<String> + Send + Sync>;

/// A `GET`.
pub fn get(path: &str) -> Script {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    Arc::new(move |_, _| Some(request.clone()))
}

/// A `POST` with the same body each time.
pub fn post(path: &str, kind: &str, body: &str) -> Script {
    let request = post_text(path, kind, body);
    Arc::new(move |_, _| Some(request.clone()))
}

/// The text of a `POST`.
pub fn post_text(path: &str, kind: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The content type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What a side cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Processor time for a request.
    pub each: Duration,
    /// Requests in a second of the clock.
    pub rate: f64,
}

/// Lets a baseline and its subject take turns; prints both and the ratio of what they cost.
pub fn compare(
    name: &str,
    goal: Option<f64>,
    baseline: (&Server, &Script),
    subject: (&Server, &Script),
) -> f64 {
    round(baseline.0, baseline.1);
    round(subject.0, subject.1);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(round(baseline.0, baseline.1));
        ours.push(round(subject.0, subject.1));
    }
    let (bare, ours) = (median(bare), median(ours));
    let ratio = bare.each.as_secs_f64() / ours.each.as_secs_f64();
    let goal = goal.map_or_else(String::new, |goal| format!("(goal {:.0}%)", goal * 100.0));
    println!(
        "{name:<34} {:>8.1} µs {:>9.0}/s   bare {:>6.1} µs {:>9.0}/s   {:>5.0}% {goal}",
        ours.each.as_secs_f64() * 1e6,
        ours.rate,
        bare.each.as_secs_f64() * 1e6,
        bare.rate,
        ratio * 100.0
    );
    ratio
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by_key(|cost| cost.each);
    costs[costs.len() / 2]
}

/// One round of load.
pub fn round(server: &Server, script: &Script) -> Cost {
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let before = server.used();
    let begun = now();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let (stop, answered, script, address) =
                (stop.clone(), answered.clone(), script.clone(), server.address);
            thread::spawn(move || drive(address, number, &script, &stop, &answered))
        })
        .collect();
    thread::sleep(ROUND);
    stop.store(true, Ordering::Relaxed);
    for connection in connections {
        connection.join().expect("a connection without mistakes");
    }
    let (used, elapsed) = (server.used().saturating_sub(before), begun.elapsed());
    let count = answered.load(Ordering::Relaxed).max(1);
    Cost {
        each: used / u32::try_from(count).unwrap(),
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        rate: count as f64 / elapsed.as_secs_f64(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn now() -> Instant {
    Instant::now()
}

fn drive(address: SocketAddr, number: usize, script: &Script, stop: &AtomicBool, answered: &AtomicU64) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = Vec::with_capacity(8192);
    let mut last: Option<String> = None;
    while !stop.load(Ordering::Relaxed) {
        let Some(request) = script(number, last.as_deref()) else {
            return;
        };
        stream.write_all(request.as_bytes()).unwrap();
        read_answer(&mut stream, &mut answer);
        assert!(
            answer.starts_with(b"HTTP/1.1 20"),
            "{request}\n{}",
            String::from_utf8_lossy(&answer)
        );
        answered.fetch_add(1, Ordering::Relaxed);
        last = Some(String::from_utf8_lossy(&answer).into_owned());
    }
}

/// Reads one answer, by its content length.
fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    let mut chunk = [0; 8192];
    let mut whole = usize::MAX;
    while answer.len() < whole {
        let read = stream.read(&mut chunk).unwrap();
        assert!(
            read > 0,
            "the server hung up: {}",
            String::from_utf8_lossy(answer)
        );
        answer.extend_from_slice(&chunk[..read]);
        if whole == usize::MAX
            && let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head_text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
            let length = head_text
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next());
            whole = head + 4 + length.expect("a content length").trim().parse::<usize>().unwrap();
        }
    }
}
