//! Any OpenID Connect issuer.
