//! Where security events are written, one JSON object a line.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::line::Line;
use crate::metrics::metrics;

static LOG: OnceLock<AuditLog> = OnceLock::new();

/// A place for security events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditSink {
    /// Among the lines of the log, on standard error.
    Log,
    /// Standard output.
    Stdout,
    /// A file, which is appended to.
    File(PathBuf),
    /// The collector, as log records.
    Otlp,
}

/// The places that this process writes to by itself; the log and the collector have their own way.
pub(super) struct AuditLog(Vec<Sink>);

struct Sink {
    name: &'static str,
    writer: Mutex<Box<dyn Write + Send>>,
}

/// Opens the places, of which the file is made where there is none, for this user alone.
pub(crate) fn open(sinks: &[AuditSink]) -> Result<(), OpenAuditError> {
    let mut opened = Vec::new();
    for sink in sinks {
        let (name, writer): (_, Box<dyn Write + Send>) = match sink {
            AuditSink::Log | AuditSink::Otlp => continue,
            AuditSink::Stdout => ("stdout", Box::new(io::stdout())),
            AuditSink::File(path) => {
                let file = OpenOptions::new()
                    .append(true)
                    .create(true)
                    .mode(0o600)
                    .open(path);
                let file = file.map_err(|cause| OpenAuditError {
                    path: path.clone(),
                    cause,
                })?;
                ("file", Box::new(file))
            }
        };
        opened.push(Sink {
            name,
            writer: Mutex::new(writer),
        });
    }
    LOG.get_or_init(|| AuditLog(opened));
    Ok(())
}

/// The audit log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the audit log {} cannot be opened: {cause}; let this user write it, or name another file in [audit] file", path.display())]
pub struct OpenAuditError {
    path: PathBuf,
    #[source]
    cause: io::Error,
}

/// The names of the places.
pub(super) fn sinks() -> impl Iterator<Item = &'static str> {
    let sinks = LOG.get().map(|log| log.0.iter());
    sinks.into_iter().flatten().map(|sink| sink.name)
}

/// Writes the line wherever it is to stand, before whoever caused it is answered.
pub(super) fn write(line: &Line<'_>) {
    let Some(AuditLog(sinks)) = LOG.get().filter(|log| !log.0.is_empty()) else {
        return;
    };
    let Ok(mut text) = serde_json::to_vec(line) else {
        return;
    };
    text.push(b'\n');
    for Sink { name, writer } in sinks {
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so that the lines of several processes do not mix.
        if let Err(error) = writer.write_all(&text).and_then(|()| writer.flush()) {
            tracing::error!(%error, sink = name, event = line.event, "a security event could not be written");
            if let Some(metrics) = metrics() {
                metrics.audit_lost(name);
            }
        }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|sink| sink.name))
            .finish()
    }
}
