//! The one relying-party engine for OpenID Connect providers. It knows the plug-in contract, and nothing of the broker.
