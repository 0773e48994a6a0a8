//! The store of one node: in memory, or in a file.
