//! Of many who ask at once in two processes, one is given what only one may have.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use futures_util::future::join_all;
use vestibule_broker::store::{Codes, Redeemed, Rotated, Sessions};
use vestibule_redis_testkit::Redis;
use vestibule_store_testkit::sample::{NOW, TERMS, after, code_grant, digest, session, session_id};

use crate::world::open;

const ROUNDS: usize = 1000;
/// How many run here; the example has as many.
const RUNNERS: usize = 16;

/// How many were the first, and how many were told that they were not.
type Told = (usize, usize);

/// The other process.
struct Rival {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Rival {
    /// Starts the example, which cargo builds beside the tests.
    fn start(url: &str) -> Self {
        let test = std::env::current_exe().unwrap();
        let runner = test
            .parent()
            .and_then(Path::parent)
            .unwrap()
            .join("examples/runner");
        assert!(
            runner.exists(),
            "{} is missing: cargo build --workspace --examples",
            runner.display()
        );
        let mut process = Command::new(runner)
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut rival = Self {
            process,
            input,
            output,
        };
        assert_eq!(rival.hear(), "ready");
        rival
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Runs a round against it. In every other round it gets off first.
    async fn race(&mut self, round: usize, name: &str, run: impl Future<Output = Told>) -> (Told, Told) {
        writeln!(self.input, "{name} {round}").unwrap();
        let head_start = round.is_multiple_of(2);
        if head_start {
            assert_eq!(self.hear(), "off");
        }
        let here = run.await;
        if !head_start {
            assert_eq!(self.hear(), "off");
        }
        let told = self.hear();
        let numbers = told.split_once(' ').and_then(|(first, others)| {
            let first: usize = first.parse().ok()?;
            Some((first, others.parse().ok()?))
        });
        (here, numbers.unwrap_or_else(|| panic!("round {round}: {told}")))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How often each side was the first.
#[derive(Default)]
struct Wins {
    here: usize,
    there: usize,
}

impl Wins {
    fn count(&mut self, round: usize, (here, there): (Told, Told)) {
        let told = (here.0 + there.0, here.1 + there.1);
        assert_eq!(told, (1, 2 * RUNNERS - 1), "round {round}");
        self.here += here.0;
        self.there += there.0;
    }

    fn were_shared(&self) {
        println!(
            "first here {} times, in the other process {} times",
            self.here, self.there
        );
        assert!(
            self.here > 0 && self.there > 0,
            "no race: one side is always the first"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_redeemed_once_however_many_replicas_try() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    let mut rival = Rival::start(&server.url());
    let mut wins = Wins::default();
    for round in 0..ROUNDS {
        let code = digest(&round.to_string());
        store.issue_code(code, code_grant("s")).await.unwrap();
        let run = async {
            let tries = (0..RUNNERS).map(|_| store.redeem_code(code, after(600), NOW));
            let (mut fresh, mut replayed) = (0, 0);
            for result in join_all(tries).await {
                match result.unwrap() {
                    Redeemed::Fresh(_) => fresh += 1,
                    Redeemed::Replayed(session) if session == session_id("s") => replayed += 1,
                    other => panic!("round {round}: {other:?}"),
                }
            }
            (fresh, replayed)
        };
        wins.count(round, rival.race(round, "code", run).await);
    }
    wins.were_shared();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_rotated_once_however_many_replicas_try() {
    let server = Redis::with(&[]);
    let store = open(&server.url()).await;
    let mut rival = Rival::start(&server.url());
    let mut wins = Wins::default();
    let id = session_id("s");
    store.open_session(session("s", "alice", "c"), NOW).await.unwrap();
    for round in 0..ROUNDS {
        let presented = round as u64;
        let run = async {
            let tries = (0..RUNNERS).map(|_| store.rotate_session(&id, presented, TERMS, NOW));
            let (mut rotated, mut repeated) = (0, 0);
            for result in join_all(tries).await {
                match result.unwrap() {
                    Rotated::Rotated(next) if next.number == presented + 1 => rotated += 1,
                    Rotated::Repeated(next) if next.number == presented + 1 => repeated += 1,
                    other => panic!("round {round}: {other:?}"),
                }
            }
            (rotated, repeated)
        };
        wins.count(round, rival.race(round, "token", run).await);
    }
    wins.were_shared();
}
