//! One process that does not outlive the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts the server, says its process id, and waits for the test to let go of the pipe. A test that is still there says so, and
/// looks after the directory itself.
const WATCH: &str = r#"
"$@" >>log 2>&1 </dev/null &
echo $!
read -r word
kill -KILL $! 2>/dev/null
wait
[ "$word" = kept ] || rm -rf "$PWD"
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    shell: Child,
    id: u32,
}

impl Process {
    /// Runs `command` in `folder`.
    pub(crate) fn start(folder: &Path, command: &[String]) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .args(command)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let mut line = String::new();
        let output = shell.stdout.take().expect("an output");
        BufReader::new(output).read_line(&mut line).expect("a process id");
        let id = line.trim().parse().expect("a process id");
        Self { shell, id }
    }

    /// The server's process id.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Sends a signal, such as `STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.id);
        let _ = Command::new("sh")
            .args(["-c", &kill])
            .stderr(Stdio::null())
            .status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut input) = self.shell.stdin.take() {
            let _ = input.write_all(b"kept\n");
        }
        let _ = self.shell.wait();
    }
}
