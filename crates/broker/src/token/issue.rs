//! Minting the tokens of an answer.

use vestibule_jose::{AccessTokenClaims, Audience, Expected, IdTokenClaims, StatusClaim, TokenType, at_hash};
use vestibule_protocol::{Issuer, Scope, StatusRef, Timestamp, TokenId, TokenResponse};

use super::TokenError;
use super::reach::Reach;
use crate::record::Session;
use crate::settings::Settings;
use crate::verified::expected_access_token;
use crate::{Broker, discovery};

/// What every token has in common, made ready once.
pub(crate) struct TokenMint {
    issuer: Issuer,
    /// What an access token of ours has to be when it comes back.
    pub(crate) expected: Expected,
    status_lists: String,
}

impl TokenMint {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            issuer: settings.issuer.clone(),
            expected: expected_access_token(settings.issuer.clone()),
            status_lists: settings.issuer.endpoint(discovery::STATUS_LISTS),
        }
    }

    /// The address of a status list.
    pub(crate) fn status_list(&self, list: u64) -> String {
        format!("{}/{list}", self.status_lists)
    }

    fn status_claim(&self, status: StatusRef) -> StatusClaim {
        StatusClaim::new(self.status_list(status.list), status.bit)
    }
}

impl Broker {
    /// Mints the tokens of a live session.
    pub(super) fn issue(
        &self,
        session: &Session,
        reach: Reach<'_>,
        nonce: Option<String>,
        now: Timestamp,
    ) -> Result<TokenResponse, TokenError> {
        let keys = self.keys.current();
        let signer = keys.keyring.signer();
        let claims = self.access_token_claims(session, &reach, now)?;
        let access_token = signer.sign(TokenType::AccessToken, &claims)?;
        let id_token = if reach.scopes.contains(Scope::OPENID) {
            let at_hash = at_hash(signer.algorithm(), &access_token);
            let claims = self.id_token_claims(session, &reach, nonce, at_hash, now);
            Some(signer.sign(TokenType::IdToken, &claims)?)
        } else {
            None
        };
        let refresh_token = session
            .refreshable
            .then(|| self.refresh_tokens.derive(&session.id, session.generation, &session.salt));
        Ok(TokenResponse {
            access_token: access_token.into(),
            token_type: "Bearer".to_owned(),
            expires_in: claims.exp.since(claims.iat).as_secs(),
            refresh_token,
            scope: reach.scopes,
            id_token: id_token.map(Into::into),
        })
    }

    fn access_token_claims(
        &self,
        session: &Session,
        reach: &Reach<'_>,
        now: Timestamp,
    ) -> Result<AccessTokenClaims, TokenError> {
        let lifetime = reach.access_token_lifetime(&self.settings.lifetimes);
        // Tokens carry whole seconds. Cut off, so that none outlives its session by a part of one.
        let exp = Timestamp::from_secs((now + lifetime).min(session.ends_at()).as_secs());
        Ok(AccessTokenClaims {
            iss: self.mint.issuer.clone(),
            sub: session.identity.subject.clone(),
            // "A token without aud is never minted."
            aud: Audience::all(reach.audience()).ok_or(TokenError::ResourceGone)?,
            client_id: session.client_id.clone(),
            scope: reach.scopes.clone(),
            iat: Timestamp::from_secs(now.as_secs()),
            exp,
            jti: TokenId::parse(&self.entropy.name()).map_err(|_| TokenError::SessionOver)?,
            sid: session.id.clone(),
            auth_time: session.identity.auth_time,
            idp: session.identity.provider.clone(),
            status: Some(self.mint.status_claim(session.status)),
            cnf: None,
        })
    }

    fn id_token_claims(
        &self,
        session: &Session,
        reach: &Reach<'_>,
        nonce: Option<String>,
        at_hash: String,
        now: Timestamp,
    ) -> IdTokenClaims {
        todo!()
    }
}
