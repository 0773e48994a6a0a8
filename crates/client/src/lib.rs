//! An MCP client that walks the authorization flow.
