//! Minting the tokens of an answer.

use vestibule_jose::{AccessTokenClaims, Audience, Expected, IdTokenClaims, StatusClaim, TokenType, at_hash};
use vestibule_protocol::{ACCESS_TOKEN_TYPE, Issuer, Scope, StatusRef, Timestamp, TokenResponse};
use vestibule_telemetry::AuditEvent;

use super::reach::Reach;
use super::token_exchange::Exchange;
use super::{Holder, TokenError};
use crate::keys::CurrentKeys;
use crate::person::PersonClaims;
use crate::record::Session;
use crate::settings::Settings;
use crate::verified::expected_access_token;
use crate::{Broker, endpoints};

/// What all tokens have in common, made ready once.
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
            status_lists: settings.issuer.endpoint(endpoints::STATUS_LISTS),
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
        keys: &CurrentKeys,
        session: &Session,
        holder: Holder,
        reach: Reach<'_>,
        nonce: Option<String>,
        now: Timestamp,
    ) -> Result<TokenResponse, TokenError> {
        let signer = keys.keyring.signer();
        let claims = self.access_token_claims(session, holder, &reach, now)?;
        let access_token = signer.sign(TokenType::AccessToken, &claims)?;
        let id_token = if reach.scopes.contains(Scope::OPENID) {
            let at_hash = at_hash(signer.algorithm(), &access_token);
            let claims = self.id_token_claims(session, &reach, nonce, at_hash, now);
            Some(signer.sign(TokenType::IdToken, &claims)?)
        } else {
            None
        };
        let refresh_token = session.refreshable.then(|| {
            self.refresh_tokens
                .derive(&session.id, session.generation, &session.salt)
        });
        Ok(TokenResponse {
            access_token,
            token_type: holder.token_type(),
            expires_in: claims.exp.since(claims.iat).as_secs(),
            issued_token_type: None,
            refresh_token: refresh_token.map(|token| token.expose().to_owned()),
            scope: reach.scopes,
            id_token,
            dpop_nonce: None,
        })
    }

    /// Mints the token of an exchange: the client's own, in the session of the one that was shown.
    pub(super) fn issue_exchanged(
        &self,
        keys: &CurrentKeys,
        exchange: Exchange,
        holder: Holder,
        reach: Reach<'_>,
        now: Timestamp,
    ) -> Result<TokenResponse, TokenError> {
        let Exchange {
            client,
            session,
            actor,
            ends_at,
            ..
        } = exchange;
        let claims = self.access_token_claims(&session, holder, &reach, now)?;
        let claims = AccessTokenClaims {
            client_id: client.clone(),
            exp: claims.exp.min(ends_at),
            act: Some(actor),
            ..claims
        };
        let access_token = keys.keyring.signer().sign(TokenType::AccessToken, &claims)?;
        AuditEvent::TokenExchanged {
            actor: &session.identity.subject,
            client: &client,
            resources: &reach.uris(),
            scopes: &reach.scopes,
            sid: &session.id,
        }
        .record();
        Ok(TokenResponse {
            access_token,
            token_type: holder.token_type(),
            expires_in: claims.exp.since(claims.iat).as_secs(),
            issued_token_type: Some(ACCESS_TOKEN_TYPE),
            refresh_token: None,
            scope: reach.scopes,
            id_token: None,
            dpop_nonce: None,
        })
    }

    fn access_token_claims(
        &self,
        session: &Session,
        holder: Holder,
        reach: &Reach<'_>,
        now: Timestamp,
    ) -> Result<AccessTokenClaims, TokenError> {
        let lifetime = reach.access_token_lifetime(&self.settings.lifetimes);
        Ok(AccessTokenClaims {
            iss: self.mint.issuer.clone(),
            sub: session.identity.subject.clone(),
            // RFC 9068 §2.2: aud is REQUIRED. There is no token without one.
            aud: Audience::all(reach.audience()).ok_or(TokenError::ResourceGone)?,
            client_id: session.client_id.clone(),
            scope: reach.scopes.clone(),
            iat: whole_second(now),
            exp: whole_second((now + lifetime).min(session.ends_at())),
            jti: self.entropy.token_id(),
            sid: session.id.clone(),
            auth_time: session.identity.auth_time,
            idp: session.identity.provider.clone(),
            act: None,
            status: Some(self.mint.status_claim(session.status)),
            cnf: holder.confirmation(),
        })
    }

    /// What the ID token says: who and when, and of the person what `profile` and `email` allow
    /// ([OpenID Connect Core §5.4](https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims)).
    fn id_token_claims(
        &self,
        session: &Session,
        reach: &Reach<'_>,
        nonce: Option<String>,
        at_hash: String,
        now: Timestamp,
    ) -> IdTokenClaims {
        let person = PersonClaims::of(&session.identity, &reach.scopes);
        IdTokenClaims {
            iss: self.mint.issuer.clone(),
            sub: session.identity.subject.clone(),
            aud: Audience::one(session.client_id.as_str()),
            azp: None,
            exp: whole_second(now + self.settings.lifetimes.id_token),
            iat: whole_second(now),
            auth_time: session.identity.auth_time,
            nonce,
            at_hash: Some(at_hash),
            sid: session.id.clone(),
            amr: Vec::new(),
            email: person.email,
            email_verified: person.email_verified,
            name: person.name,
            given_name: None,
            family_name: None,
            preferred_username: person.preferred_username,
            picture: person.picture,
        }
    }
}

/// Tokens carry whole seconds; cut off, so that none outlives its session by a part of one.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_secs(at.as_secs())
}
