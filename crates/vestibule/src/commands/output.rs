//! Standard output, for the commands' answers.

use std::io::{ErrorKind, Write as _, stdout};
use std::process::exit;

/// Writes lines to standard output. Whoever reads them may have had enough (`vestibule tools … | head`): that is no error.
pub(super) fn say(text: &str) {
    let mut out = stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        exit(0);
    }
}
