//! Access tokens that must not be believed.

/// What is wrong with every access token from now on. The API itself goes on believing them.
#[derive(Debug, Clone)]
pub enum Lie {
    /// Somebody else issued it.
    Issuer(String),
    /// It is for somebody else.
    Audience(String),
    /// It is about another user.
    Subject(String),
    /// It is an anonymous user's.
    Anonymous,
    /// It is of a clock that is so many seconds ahead.
    Clock(i64),
    /// It lacks this claim.
    Without(&'static str),
    /// It is not signed (`alg: none`).
    Unsigned,
    /// It is signed with HS256, and the published key for a secret.
    PublicKeyAsSecret,
    /// It is signed with a key that nobody published, under the name of one that is published.
    StolenKid,
    /// It is signed with a key that nobody published.
    UnknownKey,
    /// It was changed after it was signed.
    Tampered,
    /// It says `aal2` though nobody was asked for a second factor.
    Aal2,
    /// It never says `aal2`.
    Aal1,
}
