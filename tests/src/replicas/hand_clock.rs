//! A clock that a test sets.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// The time of day of the programs that are started with it, by Debian's libfaketime: when a file was changed last. How long
/// they wait for each other is real.
#[derive(Debug)]
pub struct HandClock {
    folder: TempDir,
    now: SystemTime,
}

impl HandClock {
    /// A clock that is an hour fast, so that whoever looks at the real one is found out.
    pub fn an_hour_fast() -> Self {
        let mut clock = Self {
            folder: tempfile::tempdir().expect("a temporary directory"),
            now: SystemTime::UNIX_EPOCH,
        };
        let real = SystemTime::UNIX_EPOCH.elapsed().expect("a time after 1970");
        clock.advance(Duration::from_secs(real.as_secs() + 3600));
        clock
    }

    /// Moves on.
    pub fn advance(&mut self, by: Duration) {
        self.now += by;
        // Cut to nothing, it would be changed just now for a moment.
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.file())
            .expect("a file for the clock");
        file.set_modified(self.now).expect("the file's time is set");
    }

    /// Seconds since the epoch.
    pub fn now(&self) -> u64 {
        let since = self.now.duration_since(SystemTime::UNIX_EPOCH);
        since.expect("a time after 1970").as_secs()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// What a program is started with.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            // The loader knows where libraries of this machine's kind are.
            ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1".to_owned()),
            ("FAKETIME", "%".to_owned()),
            ("FAKETIME_FOLLOW_FILE", self.file().display().to_string()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
        ]
    }
}
