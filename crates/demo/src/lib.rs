//! A sample MCP server behind the guard.
