//! A load: a server on a thread of its own, connections that send one request after the other, and what it cost.
//!
//! The cost of a request is the processor time of the server's thread, as the kernel counts it, so that neither a slow
//! client nor a busy neighbour counts. A baseline and its subject take turns in short rounds, and the median is taken.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
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
        Self::start_with(name, || async { app })
    }

    /// Serves what is made on the server's own thread, together with the connections that it opens.
    pub fn start_with<F: Future<Output = Router>>(
        name: &str,
        app: impl FnOnce() -> F + Send + 'static,
    ) -> Self {
        let (send, receive) = mpsc::channel();
        let serve = move || {
            let id = fs::read_link("/proc/thread-self").expect("a Linux machine");
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let app = app().await;
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
    /// How long the slowest answer of a hundred took.
    pub p99: Duration,
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
    let (bare, ours) = (median(bare, |cost| cost.each), median(ours, |cost| cost.each));
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

/// Lets a subject and one that is larger take turns; prints how long the slowest answer of a hundred takes at each, and how
/// much longer at the larger.
pub fn compare_p99(name: &str, goal: f64, small: (&Server, &Script), large: (&Server, &Script)) -> f64 {
    round(small.0, small.1);
    round(large.0, large.1);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        before.push(round(small.0, small.1));
        after.push(round(large.0, large.1));
    }
    let [before, after] = [before, after].map(|costs| median(costs, |cost| cost.p99).p99);
    let growth = after.as_secs_f64() / before.as_secs_f64();
    println!(
        "{name:<34} {:>8.0} µs   before {:>6.0} µs   {growth:>5.2} times (goal {goal:.1})",
        after.as_secs_f64() * 1e6,
        before.as_secs_f64() * 1e6,
    );
    growth
}

fn median(mut costs: Vec<Cost>, by: fn(&Cost) -> Duration) -> Cost {
    costs.sort_by_key(by);
    costs[costs.len() / 2]
}

/// One round of load.
pub fn round(server: &Server, script: &Script) -> Cost {
    let before = server.used();
    let begun = now();
    let until = begun + ROUND;
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .filter_map(|number| Connection::open(server.address, number, script))
        .collect();
    let mut waits = Vec::new();
    while !connections.is_empty() {
        let before = waits.len();
        connections.retain_mut(|connection| {
            let Some(wait) = connection.look() else {
                return true;
            };
            waits.push(wait);
            now() < until && connection.send(script)
        });
        if waits.len() == before {
            // Whoever else the answers wait for may need this core.
            thread::yield_now();
        }
    }
    let (used, elapsed) = (server.used().saturating_sub(before), begun.elapsed());
    waits.sort_unstable();
    let count = u32::try_from(waits.len()).unwrap().max(1);
    Cost {
        each: used / count,
        rate: f64::from(count) / elapsed.as_secs_f64(),
        p99: waits.get(waits.len() * 99 / 100).copied().unwrap_or_default(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn now() -> Instant {
    Instant::now()
}

/// A connection that sends one request after the other, and never sleeps: to wake it would be at the server's cost.
struct Connection {
    number: usize,
    stream: TcpStream,
    request: String,
    sent: Instant,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects and sends the first request, if there is one.
    fn open(address: SocketAddr, number: usize, script: &Script) -> Option<Self> {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut connection = Self {
            number,
            stream,
            request: String::new(),
            sent: now(),
            answer: Vec::with_capacity(8192),
        };
        connection.send(script).then_some(connection)
    }

    /// Sends the next request; says whether there was one.
    fn send(&mut self, script: &Script) -> bool {
        let last = (!self.answer.is_empty()).then(|| String::from_utf8_lossy(&self.answer));
        let Some(request) = script(self.number, last.as_deref()) else {
            return false;
        };
        self.answer.clear();
        self.request = request;
        self.sent = now();
        // It is far smaller than the socket's buffer.
        self.stream.write_all(self.request.as_bytes()).unwrap();
        true
    }

    /// Reads what has come, and says how long the answer took once it is whole.
    fn look(&mut self) -> Option<Duration> {
        let mut chunk = [0; 8192];
        let read = match self.stream.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        };
        let answer = &mut self.answer;
        assert!(
            read > 0,
            "the server hung up: {}",
            String::from_utf8_lossy(answer)
        );
        answer.extend_from_slice(&chunk[..read]);
        if answer.len() < whole(answer)? {
            return None;
        }
        assert!(
            answer.starts_with(b"HTTP/1.1 20"),
            "{}\n{}",
            self.request,
            String::from_utf8_lossy(answer)
        );
        Some(self.sent.elapsed())
    }
}

/// The length of an answer of which the head has come, by its content length.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head_text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = head_text
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next());
    Some(head + 4 + length.expect("a content length").trim().parse::<usize>().unwrap())
}
