//! One provider in the least configuration that there is.

use std::path::Path;

use crate::config::{Config, Outside, ProviderConfig, Purpose};

/// What is read of this `[providers.<id>]`, and which keys the environment filled; or the mistakes, a line each.
pub(super) fn read(
    section: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(ProviderConfig, Vec<String>), String> {
    let text = format!(
        r#"
issuer = "https://auth.example.com"
[store]
kind = "memory"
[secrets]
master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
[[resources]]
uri = "https://mcp.example.com/mcp"
[resources.scopes]
"mcp:read" = "Read your data"
{section}"#
    );
    let outside = Outside {
        env,
        folder: Path::new("."),
    };
    let config = Config::parse(Path::new("test.toml"), &text, Purpose::Serve, &outside);
    let config = config.map_err(|problems| problems.to_string())?;
    let filled = config.filled.iter().map(ToString::to_string).collect();
    let provider = config.providers.into_iter().next().expect("a provider");
    Ok((provider, filled))
}

/// No variable is set.
pub(super) fn nothing(_: &str) -> Option<String> {
    None
}
