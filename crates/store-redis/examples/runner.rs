//! Half of a race: `runner URL` reads rounds from its input, tries with many at once, and prints what they were given.
//!
//! `code N` redeems the code `N`, `token N` rotates the session `s` at generation `N`. It prints `off` when it begins, then how many
//! were the first and how many were told that they were not.

use std::env;
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

use futures_util::future::join_all;
use vestibule_broker::store::{Codes, Redeemed, Rotated, Sessions, StoreError};
use vestibule_store_redis::{RedisSettings, RedisStore};
use vestibule_store_testkit::sample::{NOW, TERMS, after, digest, session_id};

/// How many try at once.
const RUNNERS: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = env::args().nth(1).and_then(|url| {
        Some(RedisSettings {
            address: url.parse().ok()?,
            authority: None,
            sentinel_user: None,
            sentinel_password: None,
            prefix: "v:".to_owned(),
        })
    });
    let Some(settings) = settings else {
        say("usage: runner URL");
        return ExitCode::FAILURE;
    };
    let store = match RedisStore::open(settings).await {
        Ok(store) => store,
        Err(error) => {
            say(&format!("refused: {error}"));
            return ExitCode::FAILURE;
        }
    };
    say("ready");
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        say("off");
        let told = match line.split_once(' ') {
            Some(("code", name)) => redeem(&store, name).await,
            Some(("token", generation)) => rotate(&store, generation).await,
            _ => Ok(format!("not a round: {line}")),
        };
        say(&told.unwrap_or_else(|error| format!("failed: {error}")));
    }
    ExitCode::SUCCESS
}

async fn redeem(store: &RedisStore, name: &str) -> Result<String, StoreError> {
    let tries = (0..RUNNERS).map(|_| store.redeem_code(digest(name), after(600), NOW));
    let (mut fresh, mut replayed) = (0, 0);
    for result in join_all(tries).await {
        match result? {
            Redeemed::Fresh(_) => fresh += 1,
            Redeemed::Replayed(_) => replayed += 1,
            Redeemed::Unknown => {}
        }
    }
    Ok(format!("{fresh} {replayed}"))
}

async fn rotate(store: &RedisStore, generation: &str) -> Result<String, StoreError> {
    let presented: u64 = generation.parse().unwrap_or(u64::MAX);
    let id = session_id("s");
    let tries = (0..RUNNERS).map(|_| store.rotate_session(&id, presented, TERMS, NOW));
    let (mut rotated, mut repeated) = (0, 0);
    for result in join_all(tries).await {
        match result? {
            Rotated::Rotated(next) if next.number == presented + 1 => rotated += 1,
            Rotated::Repeated(next) if next.number == presented + 1 => repeated += 1,
            Rotated::Rotated(_)
            | Rotated::Repeated(_)
            | Rotated::Reused
            | Rotated::OfAnotherKey(_)
            | Rotated::Unknown => {}
        }
    }
    Ok(format!("{rotated} {repeated}"))
}

/// Prints a line; there is nobody to tell if that fails.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
