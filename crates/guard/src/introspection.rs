use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::Instant;
use url::form_urlencoded::{Serializer, byte_serialize};
use vestibule_jose::{AccessTokenClaims, VerifyError};
use vestibule_protocol::{ClientId, Secret, Timestamp};

use crate::cache::BoundedCache;
use crate::digest::TokenDigest;
use crate::fetch::{Fetch, FetchError};
use crate::issuer_metadata::{IssuerMetadata, MetadataError};
use crate::principal::Principal;
use crate::token_error::TokenError;
use crate::verification::{Accepts, Verified};

/// How a server asks the issuer about each token ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)) instead of
/// verifying it by itself: revocation is felt sooner, and the issuer is asked more often.
#[derive(Debug, Clone)]
pub struct IntrospectionPolicy {
    client_id: ClientId,
    client_secret: Secret,
    endpoint: Option<String>,
    keep_for: Duration,
}

impl IntrospectionPolicy {
    /// Asks as this client, at the endpoint that the issuer's metadata names, and keeps each answer for 10 seconds.
    pub fn new(client_id: ClientId, client_secret: Secret) -> Self {
        Self {
            client_id,
            client_secret,
            endpoint: None,
            keep_for: Duration::from_secs(10),
        }
    }

    /// Asks at this endpoint.
    #[must_use]
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Keeps each answer for this long.
    #[must_use]
    pub fn keep_for(mut self, life: Duration) -> Self {
        self.keep_for = life;
        self
    }

    /// RFC 6749 §2.3.1: the id and the secret are form-encoded before they are joined.
    fn authorization(&self) -> String {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!(
            "{}:{}",
            encode(self.client_id.as_str()),
            encode(self.client_secret.expose())
        );
        format!("Basic {}", STANDARD.encode(pair))
    }
}

/// Why the issuer's word on a token is missing.
#[derive(Debug, Error)]
pub enum IntrospectionError {
    /// It is not known where to ask.
    #[error("the introspection endpoint cannot be located")]
    Metadata(#[source] MetadataError),
    /// There is no answer.
    #[error("the introspection endpoint does not answer")]
    Fetch(#[source] FetchError),
    /// The answer is not what RFC 7662 describes.
    #[error("the introspection endpoint's answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

/// Verifies access tokens by asking the issuer about them.
pub(crate) struct Introspection {
    policy: IntrospectionPolicy,
    accepts: Accepts,
    metadata: Arc<IssuerMetadata>,
    fetch: Arc<dyn Fetch>,
    kept: BoundedCache<TokenDigest, Kept>,
}

#[derive(Clone)]
struct Kept {
    word: Word,
    until: Instant,
}

/// What the issuer said about a token.
#[derive(Clone)]
enum Word {
    Active(Principal),
    Inactive,
    /// It is active, and for somebody else.
    Elsewhere,
}

/// RFC 7662 §2.2, with what an access token of ours says beside it.
#[derive(Deserialize)]
struct Answer {
    active: bool,
    token_type: Option<String>,
    #[serde(flatten)]
    claims: serde_json::Map<String, serde_json::Value>,
}

impl Introspection {
    pub(crate) fn new(
        policy: IntrospectionPolicy,
        accepts: Accepts,
        metadata: Arc<IssuerMetadata>,
        fetch: Arc<dyn Fetch>,
        capacity: usize,
    ) -> Self {
        Self {
            policy,
            accepts,
            metadata,
            fetch,
            kept: BoundedCache::new(capacity),
        }
    }

    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, TokenError> {
        let digest = TokenDigest::of(token);
        let kept = self.kept.get(&digest).filter(|kept| Instant::now() < kept.until);
        let word = if let Some(kept) = kept {
            kept.word
        } else {
            let word = self.ask(token).await.map_err(|error| {
                let cause: &dyn std::error::Error = &error;
                tracing::warn!(error = cause, "a token cannot be judged without the issuer");
                TokenError::NoIntrospection(error)
            })?;
            let until = Instant::now() + self.policy.keep_for;
            self.kept.put(
                digest,
                Kept {
                    word: word.clone(),
                    until,
                },
            );
            word
        };
        match word {
            Word::Active(principal) if now < principal.expires_at() + self.accepts.leeway => Ok(Verified {
                principal,
                status: None,
            }),
            Word::Active(_) => Err(VerifyError::Expired.into()),
            Word::Inactive => Err(TokenError::Inactive),
            Word::Elsewhere => Err(VerifyError::WrongAudience.into()),
        }
    }

    async fn ask(&self, token: &str) -> Result<Word, IntrospectionError> {
        let endpoint = match &self.policy.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => self
                .metadata
                .introspection_endpoint()
                .await
                .map_err(IntrospectionError::Metadata)?,
        };
        let form = Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(endpoint)
            .header(AUTHORIZATION, self.policy.authorization())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(Bytes::from(form))
            .map_err(|error| IntrospectionError::Fetch(FetchError::Unreachable(error.into())))?;
        let answer = self
            .fetch
            .fetch(request)
            .await
            .map_err(IntrospectionError::Fetch)?;
        if answer.status() != StatusCode::OK {
            let status = FetchError::Status(answer.status());
            return Err(IntrospectionError::Fetch(status));
        }
        self.read(answer.body()).map_err(IntrospectionError::Unreadable)
    }

    fn read(&self, body: &[u8]) -> Result<Word, serde_json::Error> {
        let answer: Answer = serde_json::from_slice(body)?;
        // The issuer knows refresh tokens too, and those have no type.
        let (true, Some(kind)) = (answer.active, answer.token_type) else {
            return Ok(Word::Inactive);
        };
        let claims: AccessTokenClaims = serde_json::from_value(answer.claims.into())?;
        // RFC 7662 §4: "the protected resource MUST ensure that the token [...] is intended for its use": the issuer knows the
        // tokens of every server.
        let ours = claims.iss == self.accepts.issuer && claims.aud.contains(self.accepts.resource.as_str());
        if !ours {
            return Ok(Word::Elsewhere);
        }
        // RFC 9449 §6.2: a bound token has `cnf`, and RFC 9449 §5: its type is `DPoP`. Whoever says one without the other is not
        // to be believed that the token is good by itself.
        let expected = if claims.cnf.is_some() { "DPoP" } else { "Bearer" };
        if !kind.eq_ignore_ascii_case(expected) {
            return Ok(Word::Inactive);
        }
        Ok(Word::Active(Principal::new(
            claims,
            self.accepts.resource.clone(),
        )))
    }
}
