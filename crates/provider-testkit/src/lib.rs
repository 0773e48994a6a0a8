//! The laws that every identity provider keeps, for each of them to run in its tests.
