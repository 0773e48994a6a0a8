/// What a JWT is for, said by its `typ` header
/// ([RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11): explicit typing, so that one
/// kind of token never passes for another).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenType {
    /// An access token ([RFC 9068 §2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.1)).
    AccessToken,
    /// An OpenID Connect ID token.
    IdToken,
    /// An introspection answer ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)).
    Introspection,
    /// A Token Status List (draft-ietf-oauth-status-list, “Status List Token in JWT Format”).
    StatusList,
}

impl TokenType {
    /// Returns the value of `typ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::IdToken => "JWT",
            Self::Introspection => "token-introspection+jwt",
            Self::StatusList => "statuslist+jwt",
        }
    }

    /// Says whether a `typ` header names this type.
    ///
    /// Media types have no case, and [RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)
    /// lets a producer leave `application/` out.
    pub(crate) fn is_named_by(self, typ: &str) -> bool {
        const PREFIX: &str = "application/";
        let bare = match typ.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
            Some(_) | None => typ,
        };
        bare.eq_ignore_ascii_case(self.as_str())
    }

    /// The longest token of this type that is looked at, in bytes.
    pub(crate) fn longest(self) -> usize {
        match self {
            Self::AccessToken | Self::IdToken | Self::Introspection => 16 * 1024,
            // The largest list that `StatusList` decodes, incompressible and encoded twice.
            Self::StatusList => 4 * 1024 * 1024,
        }
    }

    /// The claims without which a token of this type is refused, whatever else is expected of it.
    pub(crate) fn required_claims(self) -> &'static [&'static str] {
        match self {
            // RFC 9068 §2.2: iss, exp, aud, sub, client_id, iat and jti are REQUIRED.
            Self::AccessToken => &["iss", "sub", "aud", "exp", "iat", "client_id", "jti"],
            // OpenID Connect Core §2: iss, sub, aud, exp and iat are REQUIRED.
            Self::IdToken => &["iss", "sub", "aud", "exp", "iat"],
            // RFC 9701 §5: iss, aud and iat are REQUIRED.
            Self::Introspection => &["iss", "aud", "iat"],
            // The draft requires sub, iat and status_list. Without exp an old list could be replayed for ever.
            Self::StatusList => &["iss", "sub", "exp", "iat"],
        }
    }
}
