//! Clerk.
