//! Auth0.
