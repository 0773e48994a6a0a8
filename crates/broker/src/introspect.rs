//! Token introspection ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).

use thiserror::Error;
use vestibule_jose::{IntrospectionClaims, SignError, TokenType};
use vestibule_keyring::RefreshTokens;
use vestibule_protocol::{
    ActiveToken, Confirmation, DuplicateParameter, IntrospectionResponse, OAuthErrorCode, Params,
    ResourceUri, Timestamp,
};

use crate::client_auth::Caller;
use crate::keys::KeysError;
use crate::record::Session;
use crate::store::StoreError;
use crate::verified::LiveToken;
use crate::{AuthenticateError, Broker, Client, EndpointError};

impl Broker {
    /// Says whether a token is good, and what it is for: to the client that holds it, and to the resource server that it
    /// is for.
    ///
    /// > To prevent token scanning attacks, the endpoint MUST also require some form of authorization to access this
    /// > endpoint
    ///
    /// # Errors
    /// [`IntrospectError`]. A token that is not good, or none of the caller's business, is no error.
    pub async fn introspect(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<IntrospectionResponse, IntrospectError> {
        let caller = self.authenticate_client(authorization, params).await?;
        self.introspect_for(&caller, params).await
    }

    /// Says the same as a signed JWT that names who asked
    /// ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)).
    ///
    /// # Errors
    /// [`IntrospectError`].
    pub async fn introspect_signed(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<String, IntrospectError> {
        let caller = self.authenticate_client(authorization, params).await?;
        let answer = self.introspect_for(&caller, params).await?;
        let now = self.now();
        let keys = self.keys.ready(now).await?;
        let claims = IntrospectionClaims {
            iss: self.settings.issuer.clone(),
            aud: caller.client.id().clone(),
            iat: Timestamp::from_secs(now.as_secs()),
            token_introspection: answer,
        };
        Ok(keys.keyring.signer().sign(TokenType::Introspection, &claims)?)
    }

    async fn introspect_for(
        &self,
        caller: &Caller,
        params: &Params,
    ) -> Result<IntrospectionResponse, IntrospectError> {
        let now = self.now();
        if !caller.proven {
            return Err(IntrospectError::PublicClient);
        }
        let token = params.one("token")?.ok_or(IntrospectError::TokenMissing)?;
        let active = match self.find_live_refresh(token, now).await? {
            Some(session) => self.describe_refresh_token(&caller.client, session),
            None => match self.find_live_token(token, now).await? {
                Some(live) => self.describe_access_token(&caller.client, live),
                None => None,
            },
        };
        Ok(match active {
            Some(active) => IntrospectionResponse::Active(Box::new(active)),
            None => IntrospectionResponse::Inactive,
        })
    }

    /// The session of a refresh token that would be taken now: of the current generation, or of the one before it within
    /// the grace window.
    async fn find_live_refresh(&self, token: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let Some(presented) = RefreshTokens::parse(token) else {
            return Ok(None);
        };
        let session = self.store.find_session(presented.session(), now).await?;
        let grace_ends = |session: &Session| session.rotated_at + self.settings.lifetimes.refresh_grace;
        Ok(session.filter(|session| {
            session.refreshable
                && self.refresh_tokens.verify(&presented, &session.salt)
                && (presented.generation() == session.generation
                    || Some(presented.generation()) == session.generation.checked_sub(1)
                        && now < grace_ends(session))
        }))
    }

    /// > If the protected resource is not allowed to introspect this particular token, then the authorization server MUST
    /// > instead return […] "active" with its value set to "false"
    /// > ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2))
    ///
    /// A resource server is told of the resources that are its own, and not of the others in the same token.
    fn describe_access_token(
        &self,
        caller: &Client,
        LiveToken { claims, session }: LiveToken,
    ) -> Option<ActiveToken> {
        let holds = claims.client_id == *caller.id();
        let aud: Vec<ResourceUri> = self
            .settings
            .resources
            .iter()
            .map(|resource| &resource.uri)
            .filter(|resource| claims.aud.contains(resource.as_str()))
            .filter(|resource| holds || caller.introspects(resource))
            .cloned()
            .collect();
        (!aud.is_empty()).then(|| ActiveToken {
            iss: claims.iss.clone(),
            sub: claims.sub.clone(),
            aud,
            client_id: claims.client_id.clone(),
            scope: claims.scope.clone(),
            token_type: Some(if claims.cnf.is_some() { "DPoP" } else { "Bearer" }),
            exp: claims.exp.as_secs(),
            iat: claims.iat.as_secs(),
            jti: Some(claims.jti.to_string()),
            sid: claims.sid.clone(),
            auth_time: claims.auth_time.as_secs(),
            idp: claims.idp.clone(),
            act: claims.act.clone(),
            cnf: claims.cnf,
            username: session.identity.username.clone(),
        })
    }

    fn describe_refresh_token(&self, caller: &Client, session: Session) -> Option<ActiveToken> {
        (session.client_id == *caller.id()).then(|| ActiveToken {
            iss: self.settings.issuer.clone(),
            exp: session.ends_at().as_secs(),
            sub: session.identity.subject.clone(),
            aud: session.resources,
            client_id: session.client_id,
            scope: session.scopes,
            token_type: None,
            iat: session.rotated_at.as_secs(),
            jti: None,
            sid: session.id,
            auth_time: session.identity.auth_time.as_secs(),
            idp: session.identity.provider.clone(),
            act: None,
            cnf: session.dpop_jkt.map(|jkt| Confirmation { jkt }),
            username: session.identity.username.clone(),
        })
    }
}

/// Why an introspection request is refused.
#[derive(Debug, Error)]
pub enum IntrospectError {
    /// The caller is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// The caller has shown no secret.
    #[error("introspection is for clients that authenticate: use client_secret_basic or client_secret_post")]
    PublicClient,
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// There is no token.
    #[error("token is missing")]
    TokenMissing,
    /// This replica cannot tell which key to sign with.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The answer could not be signed.
    #[error(transparent)]
    Signing(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for IntrospectError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Client(error) => error.code(),
            Self::PublicClient => OAuthErrorCode::InvalidClient,
            Self::Duplicate(_) | Self::TokenMissing => OAuthErrorCode::InvalidRequest,
            Self::Store(error) | Self::Keys(KeysError::Store(error)) => error.code(),
            Self::Keys(_) | Self::Signing(_) => OAuthErrorCode::ServerError,
        }
    }

    fn of_client(&self) -> Option<&AuthenticateError> {
        if let Self::Client(error) = self {
            Some(error)
        } else {
            None
        }
    }
}
