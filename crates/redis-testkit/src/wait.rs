//! Waiting for processes.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a process may take to do what it should: far longer than it does on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until `done`.
///
/// # Panics
/// When that is not so in half a minute.
#[expect(
    clippy::disallowed_methods,
    reason = "processes live by the clock on the wall"
)]
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(
            begun.elapsed() < LONGEST,
            "{what}: not within {} s",
            LONGEST.as_secs()
        );
        sleep(PAUSE);
    }
}
