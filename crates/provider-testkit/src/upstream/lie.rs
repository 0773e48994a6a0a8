//! What an upstream can get wrong, or lie about.

/// Something that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// The nonce of another login.
    AnotherNonce,
    /// No nonce.
    NoNonce,
    /// An audience that is not the client.
    AnotherAudience,
    /// An empty list of audiences.
    NoAudience,
    /// The client among the audiences, but another as the authorized party.
    AnotherAuthorizedParty,
    /// Another issuer.
    AnotherIssuer,
    /// An issuer that differs by its last slash.
    IssuerByASlash,
    /// A token that expired an hour ago.
    Expired,
    /// A token without an expiry.
    NoExpiry,
    /// A token issued in an hour.
    FromTheFuture,
    /// A token that is valid in an hour only.
    NotYetValid,
    /// No subject.
    NoSubject,
    /// An empty subject.
    EmptySubject,
    /// A signature of a key that was never published, under its own id.
    UnknownKey,
    /// A signature of a key that was never published, under the id of one that was.
    ForeignKey,
    /// A signature that was changed.
    ChangedSignature,
    /// Claims that were changed after they were signed.
    ChangedClaims,
    /// `alg: none` and no signature.
    NoSignature,
    /// A MAC that takes the public key for a shared secret.
    PublicKeyAsSecret,
    /// A MAC by the client's secret.
    ClientSecretAsKey,
    /// Text that is no token.
    NotAToken,
    /// No ID token at all.
    NoIdToken,
    /// The hash of another access token.
    AnotherAccessToken,
    /// Another user's claims from the userinfo endpoint, and none in the ID token.
    AnotherUserinfo,
    /// Another user's ID token on refresh.
    AnotherUserOnRefresh,
    /// Another issuer beside the code ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)).
    AnotherIssuerInTheResponse,
    /// No issuer beside the code, though the metadata promises one.
    NoIssuerInTheResponse,
    /// Another issuer in the metadata.
    AnotherIssuerInTheMetadata,
}
