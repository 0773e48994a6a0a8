use thiserror::Error;
use vestibule_guard::BuildError;
use vestibule_protocol::ScopeError;

/// Why the sample server does not start, or stops.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A scope of its own is misspelt.
    #[error("a scope of the sample server is none")]
    Scope(#[from] ScopeError),
    /// Its guard cannot be built.
    #[error("the guard cannot be built")]
    Guard(#[from] BuildError),
    /// The peer on standard input and output went away before it had said hello.
    #[error("the conversation on standard input and output did not begin")]
    Stdio(#[source] Box<rmcp::service::ServerInitializeError>),
}
