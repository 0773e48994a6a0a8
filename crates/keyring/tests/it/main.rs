//! How the keys live, and what is sealed under them.
