//! Three replicas under load, while they and their Redis come and go.
//!
//! After each the answers that the clients were given are held against each other and against the state that is left.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use vestibule_redis_testkit::{Redis, Sentinel};
use vestibule_tests::{Ledger, Outcome, Replicas, isolated, run};

/// How many clients are at work, each with one request after the other.
const CLIENTS: usize = 6;
/// How long the load runs undisturbed before and after each fault.
const CALM: Duration = Duration::from_secs(2);
/// How long Redis does not answer: longer than any wait of the broker.
const SILENCE: Duration = Duration::from_secs(10);

#[test]
fn nothing_is_honoured_twice_or_lost_while_replicas_and_redis_come_and_go() {
    let mut redis = Redis::durable();
    let mut replicas = Replicas::start(3, &[&store(&redis.url())]);
    let load = replicas.load(CLIENTS);
    sleep(CALM);

    replicas.kill_one(0);
    sleep(CALM);
    replicas.start_one(0);
    sleep(CALM);

    for number in 0..replicas.count() {
        replicas.stop_one(number);
        replicas.start_one(number);
    }
    sleep(CALM);

    redis.kill();
    sleep(CALM);
    redis.start();
    sleep(CALM);

    redis.pause();
    sleep(SILENCE);
    redis.resume();
    sleep(CALM);

    let mut ledger = load.end();
    let lost = replicas.audit(&mut ledger);
    assert_right(
        "replicas killed and restarted, Redis killed and paused",
        &ledger,
        lost,
    );
}

#[test]
fn a_failover_honours_nothing_twice() {
    let mut sentinel = Sentinel::start();
    let replicas = Replicas::start(3, &[&store(&sentinel.url())]);
    let load = replicas.load(CLIENTS);
    sleep(CALM);
    let before = sentinel.master();
    sentinel.servers[0].kill();
    sentinel.wait_for_another(before);
    sleep(CALM + CALM);
    let mut ledger = load.end();
    let lost = replicas.audit(&mut ledger);
    assert_right("the master killed, Sentinel fails over", &ledger, lost);
}

#[test]
fn a_full_disk_at_redis_costs_nothing_but_time() {
    isolated("replicas::a_full_disk_at_redis_costs_nothing_but_time", || {
        let disk = tempfile::tempdir().expect("a temporary directory");
        let folder = disk.path().to_str().expect("a path in UTF-8");
        run("mount", &["-t", "tmpfs", "-o", "size=8m", "none", folder]);
        // With `always` Redis ends when it cannot write; with `everysec` it refuses to.
        let redis = Redis::with(&[
            "--appendonly yes",
            "--appendfsync everysec",
            &format!("--dir {folder}"),
        ]);
        let replicas = Replicas::start(3, &[&store(&redis.url())]);
        let load = replicas.load(CLIENTS);
        sleep(CALM);
        let filler = disk.path().join("filler");
        let full = fs::write(&filler, vec![0; 16 << 20]);
        assert!(full.is_err(), "the disk is full");
        sleep(CALM + CALM);
        fs::remove_file(filler).expect("room again");
        sleep(CALM + CALM);
        let mut ledger = load.end();
        assert!(
            ledger.count(|outcome| outcome == Outcome::Status(503)) > 0,
            "{}",
            ledger.table()
        );
        let lost = replicas.audit(&mut ledger);
        run("umount", &["-l", folder]);
        assert_right("a full disk at Redis", &ledger, lost);
    });
}

#[test]
fn a_replica_that_is_cut_off_answers_nothing_wrong() {
    isolated(
        "replicas::a_replica_that_is_cut_off_answers_nothing_wrong",
        || {
            // Redis is a host of its own, with a wire to the first replica and one to the others.
            let host = Host::start();
            host.wire("first", "10.79.1");
            host.wire("others", "10.79.2");
            let first = store(&Host::url("10.79.1.2"));
            let others = store(&Host::url("10.79.2.2"));
            let replicas = Replicas::start(3, &[&first, &others, &others]);
            let load = replicas.load(CLIENTS);
            sleep(CALM);
            host.cut("first");
            sleep(SILENCE);
            host.mend("first");
            sleep(CALM + CALM);
            let mut ledger = load.end();
            assert!(
                ledger.count(|outcome| outcome == Outcome::Status(503)) > 0,
                "{}",
                ledger.table()
            );
            let lost = replicas.audit(&mut ledger);
            assert_right("one replica of three cut off from Redis", &ledger, lost);
        },
    );
}

fn store(url: &str) -> String {
    format!("[store]\nkind = \"redis\"\nurl = \"{url}\"\n")
}

#[expect(clippy::print_stdout, reason = "what was answered is the measurement")]
fn assert_right(scene: &str, ledger: &Ledger, lost: usize) {
    println!("--- {scene}\n{}\nsessions lost: {lost}", ledger.table());
    assert!(ledger.wrongs().is_empty(), "{:#?}", ledger.wrongs());
    assert_eq!(lost, 0, "sessions that were acknowledged are lost");
    for twice in [Ledger::REDEEMED_TWICE, Ledger::REFRESHED_TWICE] {
        assert!(
            ledger.granted(twice) > 0,
            "{twice}: nobody was granted it\n{}",
            ledger.table()
        );
    }
    let honoured = ledger.count(|outcome| outcome == Outcome::Status(200));
    assert!(honoured > 100, "a load that says something:\n{}", ledger.table());
}

/// A Redis in a network namespace of its own.
struct Host {
    redis: Child,
    folder: tempfile::TempDir,
}

impl Host {
    const PORT: &str = "6400";
    const PASSWORD: &str = "open-sesame";

    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let redis = Command::new("unshare")
            .args(["--net", "redis-server", "--port", Self::PORT, "--bind", "0.0.0.0"])
            .args([
                "--requirepass",
                Self::PASSWORD,
                "--save",
                "",
                "--appendonly",
                "yes",
            ])
            .args(["--logfile", "log", "--dir"])
            .arg(folder.path())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let host = Self { redis, folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !host.log().contains("Ready to accept connections") {
            assert!(Instant::now() < deadline, "Redis does not start: {}", host.log());
            sleep(Duration::from_millis(20));
        }
        host
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn url(address: &str) -> String {
        format!("redis://:{}@{address}:{}", Self::PASSWORD, Self::PORT)
    }

    /// Lays a wire between here (`.1`) and the host (`.2`).
    fn wire(&self, name: &str, net: &str) {
        let far = format!("{name}-far");
        let process = self.redis.id().to_string();
        run(
            "ip",
            &["link", "add", "name", name, "type", "veth", "peer", "name", &far],
        );
        run("ip", &["link", "set", &far, "netns", &process]);
        run("ip", &["address", "add", &format!("{net}.1/24"), "dev", name]);
        run("ip", &["link", "set", name, "up"]);
        self.inside(&["address", "add", &format!("{net}.2/24"), "dev", &far]);
        self.inside(&["link", "set", &far, "up"]);
    }

    /// Cuts a wire at the far end: what is sent is lost, and nobody is told.
    fn cut(&self, name: &str) {
        self.inside(&["link", "set", &format!("{name}-far"), "down"]);
    }

    fn mend(&self, name: &str) {
        self.inside(&["link", "set", &format!("{name}-far"), "up"]);
    }

    fn inside(&self, arguments: &[&str]) {
        let process = self.redis.id().to_string();
        run(
            "nsenter",
            &[&["--net", "--target", &process, "ip"], arguments].concat(),
        );
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.redis.kill();
        let _ = self.redis.wait();
    }
}
