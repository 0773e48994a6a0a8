//! Prints what verbs cost, in memory and on disk, beside what the disk's flush costs alone: `figures [DIRECTORY]`.

#![expect(clippy::print_stdout, reason = "it prints figures")]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule_broker::store::{Rotated, Sessions};
use vestibule_store_embedded::Embedded;
use vestibule_store_testkit::sample::{NOW, TERMS, session, session_id};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<()> {
    let directory = env::args()
        .nth(1)
        .map_or_else(env::temp_dir, PathBuf::from)
        .join("vestibule-store-figures");
    fs::create_dir_all(&directory)?;

    let memory = Arc::new(Embedded::in_memory());
    open(&memory, 64).await?;
    let each = rotations(&memory, 1, 200_000).await?;
    println!("in memory: one rotation {each:?}");
    let started = now();
    for _ in 0..200_000 {
        memory.find_session(&session_id("s-0"), NOW).await?;
    }
    println!("in memory: one find {:?}", started.elapsed() / 200_000);

    println!(
        "the disk: one flush of 4 KiB {:?}",
        flushes(&directory.join("flush"), 1000)?
    );
    let durable = Arc::new(Embedded::open(&directory.join("store.redb"))?);
    open(&durable, 64).await?;
    for runners in [1, 8, 64] {
        let before = durable.flushes();
        let verbs = 1000 * u32::from(runners > 1) + 1000;
        let each = rotations(&durable, runners, verbs).await?;
        let flushes = u32::try_from(durable.flushes() - before)?;
        println!(
            "on disk, {runners} at once: {:.0} rotations/s, {:.1} to a flush",
            1.0 / each.as_secs_f64(),
            f64::from(verbs) / f64::from(flushes)
        );
    }
    durable.close().await?;
    fs::remove_dir_all(&directory)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the stopwatch of a figure")]
fn now() -> Instant {
    Instant::now()
}

async fn open(store: &Embedded, sessions: u16) -> Outcome<()> {
    for number in 0..sessions {
        let mut session = session(&format!("s-{number}"), "alice", "c");
        session.dies_at = NOW + Duration::from_secs(1_000_000);
        store.open_session(session, NOW).await?;
    }
    Ok(())
}

/// What one rotation costs when `runners` rotate `verbs` in all, each the sessions that are its own.
async fn rotations(store: &Arc<Embedded>, runners: u16, verbs: u32) -> Outcome<Duration> {
    let started = now();
    let runners: Vec<_> = (0..runners)
        .map(|runner| {
            let (store, share) = (store.clone(), verbs / u32::from(runners));
            tokio::spawn(async move {
                let id = session_id(&format!("s-{runner}"));
                let mut generation = store
                    .find_session(&id, NOW)
                    .await?
                    .ok_or("no session")?
                    .generation;
                for _ in 0..share {
                    match store.rotate_session(&id, generation, TERMS, NOW).await? {
                        Rotated::Rotated(next) => generation = next.number,
                        other => return Err(format!("not rotated: {other:?}").into()),
                    }
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for runner in runners {
        runner.await??;
    }
    Ok(started.elapsed() / verbs)
}

fn flushes(path: &std::path::Path, times: u32) -> Outcome<Duration> {
    let file = File::create(path)?;
    let started = now();
    for time in 0..times {
        file.write_all_at(&[1; 4096], u64::from(time % 16) * 4096)?;
        file.sync_data()?;
    }
    Ok(started.elapsed() / times)
}
