//! The OAuth, OpenID Connect and MCP vocabulary: pure wire types and their rules.
