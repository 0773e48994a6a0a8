//! A disk that the test holds up or breaks.

use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use vestibule_broker::store::{BrowserLogins, Consents, Keys, Limits, Quota, Sessions, StoreError, Verdict};
use vestibule_store_testkit::sample::{
    NOW, after, browser_login, consent_key, digest, scopes, sealed, session, session_id,
};

use super::*;

/// A disk in memory.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<Platter>);

#[derive(Debug)]
struct Platter {
    bytes: InMemoryBackend,
    broken: AtomicBool,
    gate: Mutex<Gate>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Gate {
    held: bool,
    waiting: bool,
}

impl Default for Platter {
    fn default() -> Self {
        Self {
            bytes: InMemoryBackend::new(),
            broken: AtomicBool::default(),
            gate: Mutex::default(),
            moved: Condvar::default(),
        }
    }
}

impl Disk {
    fn store(&self) -> Embedded {
        let database = redb::Builder::new().create_with_backend(self.clone()).unwrap();
        let (file, image) = StoreFile::over(database, Path::new("a disk in memory")).unwrap();
        Embedded::new(image, Some(Journal::start(file).unwrap()))
    }

    /// Lets no flush pass for as long as the answer is kept.
    fn hold(&self) -> Held<'_> {
        self.0.gate.lock().unwrap().held = true;
        Held(self)
    }

    /// Waits until the writer stands before a held flush.
    fn wait_for_the_writer(&self) {
        let gate = self.0.gate.lock().unwrap();
        drop(self.0.moved.wait_while(gate, |gate| !gate.waiting).unwrap());
    }

    fn break_down(&self) {
        self.0.broken.store(true, Ordering::SeqCst);
    }

    fn repair(&self) {
        self.0.broken.store(false, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "no space left on the platter",
            ));
        }
        Ok(())
    }
}

/// A disk that lets no flush pass.
struct Held<'a>(&'a Disk);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.gate.lock().unwrap_or_else(PoisonError::into_inner).held = false;
        self.0.0.moved.notify_all();
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.0.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.bytes.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        self.0.bytes.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut gate = self.0.gate.lock().unwrap_or_else(PoisonError::into_inner);
        while gate.held {
            gate.waiting = true;
            self.0.moved.notify_all();
            gate = self.0.moved.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        gate.waiting = false;
        self.check()?;
        self.0.bytes.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        self.0.bytes.write(offset, data)
    }
}

/// What a verb answers without being waited for.
fn at_once<T>(verb: impl Future<Output = T>) -> Poll<T> {
    pin!(verb).poll(&mut Context::from_waker(Waker::noop()))
}

fn unavailable<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Unavailable(cause)) => cause.to_string(),
        other => panic!("expected a store that is unavailable: {other:?}"),
    }
}

#[test]
fn in_memory_verbs_answer_without_waiting() {
    let store = Embedded::in_memory();
    assert!(at_once(store.open_session(session("s", "alice", "c"), NOW)).is_ready());
    assert!(at_once(store.find_session(&session_id("s"), NOW)).is_ready());
    assert!(at_once(store.sweep(after(5000))).is_ready());
    assert!(at_once(store.close()).is_ready());
    assert!(at_once(store.failed()).is_pending());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_not_acknowledged_before_it_is_on_disk() {
    let disk = Disk::default();
    let store = disk.store();
    let held = disk.hold();
    let mut put = pin!(store.put_browser_login(digest("cookie"), browser_login("alice")));
    assert!(at_once(put.as_mut()).is_pending());
    disk.wait_for_the_writer();
    assert!(at_once(put.as_mut()).is_pending());
    drop(held);
    put.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_a_change_before_it_is_on_disk() {
    let disk = Disk::default();
    let store = disk.store();
    store
        .put_browser_login(digest("gone"), browser_login("alice"))
        .await
        .unwrap();
    store
        .put_browser_login(digest("other"), browser_login("bob"))
        .await
        .unwrap();
    let held = disk.hold();
    assert!(at_once(store.swap_keys(None, sealed("keys"))).is_pending());
    assert!(at_once(store.end_browser_login(digest("gone"))).is_pending());

    let mut keys = pin!(store.load_keys());
    let mut gone = pin!(store.find_browser_login(digest("gone"), NOW));
    let mut refused = pin!(store.swap_keys(None, sealed("others")));
    assert!(
        at_once(keys.as_mut()).is_pending(),
        "keys that may yet be lost must not sign"
    );
    assert!(at_once(gone.as_mut()).is_pending(), "the login may yet be there");
    assert!(
        at_once(refused.as_mut()).is_pending(),
        "the keys that stand in the way may yet be lost"
    );
    let other = at_once(store.find_browser_login(digest("other"), NOW));
    assert!(other.is_ready(), "what is on disk needs no waiting");

    drop(held);
    assert_eq!(keys.await.unwrap().unwrap().document, sealed("keys"));
    assert_eq!(gone.await.unwrap(), None);
    assert!(!refused.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_that_arrive_together_share_one_flush() {
    let disk = Disk::default();
    let store = Arc::new(disk.store());
    let held = disk.hold();
    let first = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .put_browser_login(digest("first"), browser_login("alice"))
                .await
        }
    });
    disk.wait_for_the_writer();

    let mut verbs: Vec<_> = (0..200)
        .map(|number| {
            let store = store.clone();
            Box::pin(async move {
                store
                    .open_session(session(&format!("s-{number}"), "alice", "c"), NOW)
                    .await
            })
        })
        .collect();
    for verb in &mut verbs {
        assert!(at_once(verb.as_mut()).is_pending());
    }
    drop(held);
    first.await.unwrap().unwrap();
    for verb in verbs {
        verb.await.unwrap();
    }
    assert_eq!(
        store.flushes(),
        2,
        "one for the first verb, and one for the two hundred that came while it was written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_that_change_nothing_do_not_flush() {
    let disk = Disk::default();
    let store = disk.store();
    let key = consent_key("alice", "c", "files.example");
    store
        .grant_consent(key.clone(), scopes("mcp:read mcp:write"))
        .await
        .unwrap();
    assert_eq!(store.flushes(), 1);

    let held = disk.hold();
    assert!(at_once(store.grant_consent(key.clone(), scopes("mcp:read"))).is_ready());
    assert!(at_once(store.find_consent(&key)).is_ready());
    assert!(at_once(store.end_browser_login(digest("nobody's"))).is_ready());
    assert!(at_once(store.swap_keys(Some(3), sealed("keys"))).is_ready());
    let single = Quota {
        burst: 1,
        per: std::time::Duration::from_secs(1),
    };
    assert!(matches!(
        at_once(store.check_limit("cell", single, NOW)),
        Poll::Ready(Ok(Verdict::Go))
    ));
    assert!(at_once(store.sweep(NOW)).is_ready());
    drop(held);
    assert_eq!(store.flushes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_flush_shuts_the_store_and_loses_nothing_that_was_acknowledged() {
    let disk = Disk::default();
    let store = disk.store();
    store
        .put_browser_login(digest("kept"), browser_login("alice"))
        .await
        .unwrap();
    assert!(at_once(store.failed()).is_pending());

    disk.break_down();
    let cause = unavailable(
        store
            .put_browser_login(digest("lost"), browser_login("bob"))
            .await,
    );
    assert!(cause.contains("no space left on the platter"), "{cause}");
    assert!(matches!(store.failed().await, WriteError::Database(_)));

    disk.repair();
    let again = unavailable(
        store
            .put_browser_login(digest("later"), browser_login("bob"))
            .await,
    );
    assert_eq!(
        again, cause,
        "every verb gives the cause, although the disk has room again"
    );
    assert_eq!(
        unavailable(store.find_browser_login(digest("kept"), NOW).await),
        cause
    );
    assert!(store.close().await.is_err());
    drop(store);

    let store = disk.store();
    let kept = store.find_browser_login(digest("kept"), NOW).await.unwrap();
    assert_eq!(kept, Some(browser_login("alice")));
    for unacknowledged in ["lost", "later"] {
        assert_eq!(
            store
                .find_browser_login(digest(unacknowledged), NOW)
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_fails_fails_every_verb_that_waited_for_it() {
    let disk = Disk::default();
    let store = disk.store();
    let held = disk.hold();
    let mut put = pin!(store.put_browser_login(digest("cookie"), browser_login("alice")));
    assert!(at_once(put.as_mut()).is_pending());
    disk.wait_for_the_writer();
    let mut behind = pin!(store.put_browser_login(digest("behind"), browser_login("bob")));
    let mut reader = pin!(store.find_browser_login(digest("cookie"), NOW));
    assert!(at_once(behind.as_mut()).is_pending());
    assert!(at_once(reader.as_mut()).is_pending());

    disk.break_down();
    drop(held);
    unavailable(put.await);
    unavailable(behind.await);
    unavailable(reader.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_has_written_everything_and_answers_no_more() {
    let disk = Disk::default();
    let store = disk.store();
    let held = disk.hold();
    let mut put = pin!(store.put_browser_login(digest("cookie"), browser_login("alice")));
    assert!(at_once(put.as_mut()).is_pending());
    let mut close = pin!(store.close());
    assert!(
        at_once(close.as_mut()).is_pending(),
        "it writes what is waiting first"
    );
    drop(held);
    close.await.unwrap();
    put.await.unwrap();

    unavailable(store.find_browser_login(digest("cookie"), NOW).await);
    store.close().await.unwrap();
    assert!(
        at_once(store.failed()).is_pending(),
        "to be closed in order is no failure"
    );
    assert!(
        disk.store()
            .find_browser_login(digest("cookie"), NOW)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_verb_that_breaks_off_shuts_the_store() {
    let store = Arc::new(Embedded::in_memory());
    let breaks_off = tokio::spawn({
        let store = store.clone();
        async move { store.verb(|_, _| panic!("a verb breaks off")).await }
    });
    assert!(breaks_off.await.unwrap_err().is_panic());
    unavailable(store.find_browser_login(digest("cookie"), NOW).await);
}
