//! Tracing set-up and the audit log.
