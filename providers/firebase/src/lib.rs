//! Firebase Authentication.
