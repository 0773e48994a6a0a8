//! Network and mount namespaces of a test's own.

use std::env;
use std::process::Command;

/// Tells the inner run of a test from the outer one.
const INSIDE: &str = "VESTIBULE_TEST_ISOLATED";

/// Runs `test` in network and mount namespaces of its own, where it may cut wires and fill disks: the test's process starts
/// itself again for this one test. `name` is the test's, as the test runner knows it.
///
/// # Panics
/// When the test fails there, or the namespaces cannot be had.
pub fn isolated(name: &str, test: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        run("ip", &["link", "set", "lo", "up"]);
        test();
        return;
    }
    let exe = env::current_exe().expect("a test knows its own path");
    let ended = Command::new("unshare")
        .args([
            "--map-root-user",
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .arg(exe)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap_or_else(|error| panic!("unshare: {error}; it is in Debian's util-linux"));
    assert!(
        ended.success(),
        "{name} failed in namespaces of its own; where they cannot be made, allow them with \
         sysctl kernel.unprivileged_userns_clone=1, or run the tests as root"
    );
}

/// Runs a command that has to succeed.
///
/// # Panics
/// When it does not.
pub fn run(program: &str, arguments: &[&str]) {
    let ended = Command::new(program).args(arguments).output();
    let ended = ended.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(
        ended.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
}
