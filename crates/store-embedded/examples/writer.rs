//! Works on a store for as long as it can, and prints each verb once the store has acknowledged it: `writer FILE RUN`.
//!
//! The tests kill it or take its disk space away, and look for what it printed.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use vestibule_broker::store::{Codes, Sessions, StatusLists, StoreError};
use vestibule_store_embedded::Embedded;
use vestibule_store_testkit::sample::{NOW, TERMS, after, code_grant, digest, session, session_id};

const WORKERS: usize = 8;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(run)) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        say("usage: writer FILE RUN");
        return ExitCode::FAILURE;
    };
    let store = match Embedded::open(&file) {
        Ok(store) => Arc::new(store),
        Err(error) => {
            say(&format!("refused: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| tokio::spawn(work(store.clone(), format!("{run}-{worker}"))))
        .collect();
    for worker in workers {
        if let Ok(Err(error)) = worker.await {
            say(&format!("failed: {error}"));
        }
    }
    ExitCode::FAILURE
}

async fn work(store: Arc<Embedded>, name: String) -> Result<(), StoreError> {
    for number in 0.. {
        let id = format!("{name}-{number}");
        store.issue_code(digest(&id), code_grant(&id)).await?;
        say(&format!("issued {id}"));
        store.redeem_code(digest(&id), after(600), NOW).await?;
        say(&format!("redeemed {id}"));
        let status = store.allot_status(after(900)).await?;
        say(&format!("allotted {} {}", status.list, status.bit));
        store.open_session(session(&id, "alice", "c"), NOW).await?;
        say(&format!("opened {id}"));
        for generation in 0..3 {
            store
                .rotate_session(&session_id(&id), generation, TERMS, NOW)
                .await?;
            say(&format!("rotated {id} {}", generation + 1));
        }
        if number % 2 == 1 {
            store.end_session(&session_id(&id), after(600), NOW).await?;
            say(&format!("ended {id}"));
            store.set_status(status).await?;
            say(&format!("set {} {}", status.list, status.bit));
        }
    }
    Ok(())
}

/// Prints one whole line at once; whoever is killed in the middle of it has said nothing.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The reader may be gone, and then nobody is left to tell.
    let _ = out
        .write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush());
}
