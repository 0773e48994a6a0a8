//! The plug-in contract for identity providers.
