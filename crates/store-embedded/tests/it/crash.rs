//! Nothing that was acknowledged is lost when the process is killed or the disk is full.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use vestibule_broker::store::{Codes, Opened, Redeemed, Sessions, StatusLists};
use vestibule_store_embedded::{Embedded, OpenError};
use vestibule_store_testkit::sample::{NOW, after, digest, session, session_id};

/// The example, which cargo builds beside the tests.
fn writer() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let writer = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples/writer");
    assert!(
        writer.exists(),
        "{} is missing: cargo build --workspace --examples",
        writer.display()
    );
    writer
}

/// What the writer said that it was told.
#[derive(Default)]
struct Acknowledged {
    issued: BTreeSet<String>,
    redeemed: BTreeSet<String>,
    opened: BTreeSet<String>,
    rotated: BTreeMap<String, u64>,
    ended: BTreeSet<String>,
    allotted: BTreeSet<(u64, u32)>,
    set: BTreeSet<(u64, u32)>,
    failures: Vec<String>,
}

impl Acknowledged {
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["issued", id] => assert!(self.issued.insert(id.to_owned())),
            ["redeemed", id] => assert!(self.redeemed.insert(id.to_owned())),
            ["opened", id] => assert!(self.opened.insert(id.to_owned())),
            ["rotated", id, generation] => {
                self.rotated.insert(id.to_owned(), generation.parse().unwrap());
            }
            ["ended", id] => assert!(self.ended.insert(id.to_owned())),
            ["allotted", list, bit] => {
                let new = self
                    .allotted
                    .insert((list.parse().unwrap(), bit.parse().unwrap()));
                assert!(new, "{line}, a second time");
            }
            ["set", list, bit] => {
                self.set.insert((list.parse().unwrap(), bit.parse().unwrap()));
            }
            _ => self.failures.push(line.to_owned()),
        }
    }

    /// Looks for all of it. Redeems and opens what the writer had not come to, so it may be done once only.
    async fn check(&self, store: &Embedded) {
        for id in self.issued.difference(&self.redeemed) {
            let redeemed = store.redeem_code(digest(id), after(600), NOW).await.unwrap();
            // The writer may have been killed between the redemption and the line that tells of it.
            assert_ne!(redeemed, Redeemed::Unknown, "the code {id} is lost");
        }
        for id in &self.redeemed {
            let redeemed = store.redeem_code(digest(id), after(600), NOW).await.unwrap();
            assert_eq!(
                redeemed,
                Redeemed::Replayed(session_id(id)),
                "the redemption of {id} is lost"
            );
        }
        for id in &self.opened {
            let found = store.find_session(&session_id(id), NOW).await.unwrap();
            if self.ended.contains(id) {
                assert_eq!(found, None, "the end of {id} is lost");
                let again = store.open_session(session(id, "alice", "c"), NOW).await.unwrap();
                assert_eq!(again, Opened::AlreadyEnded, "the tombstone of {id} is lost");
            } else if let Some(found) = found {
                let acknowledged = self.rotated.get(id).copied().unwrap_or(0);
                assert!(found.generation >= acknowledged, "a rotation of {id} is lost");
            } else {
                let again = store.open_session(session(id, "alice", "c"), NOW).await.unwrap();
                assert_eq!(again, Opened::AlreadyEnded, "the session {id} is lost");
            }
        }
        for (list, bit) in &self.set {
            let read = store.read_status(*list).await.unwrap().unwrap();
            assert!(read.set.contains(bit), "bit {bit} of list {list} is lost");
        }
        for _ in 0..20 {
            let status = store.allot_status(after(900)).await.unwrap();
            assert!(
                !self.allotted.contains(&(status.list, status.bit)),
                "{status:?} is allotted again"
            );
        }
    }
}

fn start(mut command: Command) -> (Child, impl Iterator<Item = String>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .split(b'\n')
        .map_while(Result::ok);
    (child, lines.map(|line| String::from_utf8(line).unwrap()))
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.redb");
    let mut everything = Acknowledged::default();
    for (round, before_the_kill) in [1, 400, 37, 150, 9, 800, 75, 3, 260, 111].into_iter().enumerate() {
        let mut command = Command::new(writer());
        command.arg(&file).arg(format!("run{round}"));
        let (mut child, mut lines) = start(command);
        let mut told = Acknowledged::default();
        let mut hear = |line: String| {
            told.hear(&line);
            everything.hear(&line);
        };
        lines.by_ref().take(before_the_kill).for_each(&mut hear);
        let refused = Embedded::open(&file).unwrap_err();
        assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
        child.kill().unwrap();
        lines.for_each(&mut hear);
        child.wait().unwrap();

        assert_eq!(told.failures, Vec::<String>::new());
        let store = Embedded::open(&file).unwrap();
        told.check(&store).await;
        store.close().await.unwrap();
    }
    assert!(
        everything.opened.len() > 50,
        "the writer was killed before it had done much"
    );
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.redb");
    let mut command = Command::new("sh");
    // The limit is in units of 512 bytes; with the signal ignored, writing beyond it is an error like that of a full disk.
    command
        .args(["-c", r#"trap "" XFSZ; ulimit -f 6000; exec "$0" "$@""#])
        .arg(writer())
        .arg(&file)
        .arg("run");
    let (mut child, lines) = start(command);
    let mut told = Acknowledged::default();
    lines.for_each(|line| told.hear(&line));
    child.wait().unwrap();

    assert_eq!(
        told.failures.len(),
        8,
        "each of its workers is told: {:?}",
        told.failures
    );
    for failure in &told.failures {
        assert!(
            failure.contains("the store is unavailable: the store's file cannot be written"),
            "{failure}"
        );
    }
    assert!(
        told.opened.len() > 50,
        "the writer failed before it had done much"
    );
    told.check(&Embedded::open(&file).unwrap()).await;
}
