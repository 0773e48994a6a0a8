//! The guard against a small authorization server: what it lets in, and what it says to the rest.
