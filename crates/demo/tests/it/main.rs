//! The sample server against a small authorization server.
