//! What an MCP server links: metadata, challenges, offline verification, scopes, session binding.
