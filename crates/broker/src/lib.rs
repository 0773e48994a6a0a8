//! The domain: clients, authorizations, logins, consent, sessions, grants, revocation.
