//! The process's environment: the one place that reads it.

use std::path::PathBuf;

/// The value of an environment variable.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What to log: `RUST_LOG`, or `default`.
pub(crate) fn log_filter(default: &str) -> String {
    variable("RUST_LOG")
        .filter(|filter| !filter.is_empty())
        .unwrap_or_else(|| default.to_owned())
}

/// The user's data directory
/// ([XDG Base Directory](https://specifications.freedesktop.org/basedir-spec/latest/)), with Vestibule's name.
pub(crate) fn data_folder() -> Option<PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("vestibule"))
}
