//! The authorization broker for MCP.
