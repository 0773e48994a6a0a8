//! Whole flows against real parts.
