use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::transport::stdio;
use tokio::io::{AsyncRead, AsyncWrite};
use vestibule_protocol::Secret;

use crate::config::DemoConfig;
use crate::error::DemoError;
use crate::server::{DemoServer, Shared};

/// Serves the sample server on standard input and output until the peer goes away or the program stops.
///
/// All calls are those of the one who has the token; without one, only what is open to everybody can be called.
///
/// # Errors
/// When the guard cannot be built, or the peer does not speak MCP.
pub async fn serve_stdio(config: DemoConfig, token: Option<Secret>) -> Result<(), DemoError> {
    let (input, output) = stdio();
    serve_on(config, token, input, output).await
}

/// Serves the sample server on any pair of streams.
///
/// # Errors
/// As [`serve_stdio`].
pub async fn serve_on(
    config: DemoConfig,
    token: Option<Secret>,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), DemoError> {
    let shutdown = config.shutdown.clone();
    let shared = Arc::new(Shared::new(config)?);
    let server = DemoServer::on_stdio(shared, token);
    let serving = server.serve_with_ct((input, output), shutdown).await;
    let running = serving.map_err(|error| DemoError::Stdio(Box::new(error)))?;
    if let Err(error) = running.waiting().await {
        tracing::error!(%error, "the conversation broke off");
    }
    Ok(())
}
