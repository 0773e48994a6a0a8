//! JWT, JWKS and Token Status List: signing and verifying.
