//! The grant `authorization_code` ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3),
//! [RFC 7636 §4.5](https://www.rfc-editor.org/rfc/rfc7636#section-4.5)).

use vestibule_protocol::{CodeVerifier, GrantType, Secret, Timestamp};
use vestibule_telemetry::{AuditEvent, EndCause, note_session};

use super::{Claim, Holder, Opening, TokenError};
use crate::record::CodeGrant;
use crate::store::Redeemed;
use crate::{Broker, Client, Digest};

/// What the client shows.
pub(super) struct Presented {
    pub(super) code: Secret,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
}

impl Broker {
    /// Redeems a code. It is spent from here on, whatever else is wrong with the request.
    ///
    /// > If an authorization code is used more than once, the authorization server MUST deny the request and SHOULD
    /// > revoke (when possible) all tokens previously issued based on that authorization code.
    pub(super) async fn redeem_code(
        &self,
        client: &Client,
        presented: Presented,
        holder: Holder,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        let Presented {
            code,
            redirect_uri,
            code_verifier,
        } = presented;
        let verifier = code_verifier.ok_or(TokenError::VerifierMissing)?;
        if !client.allows_grant(GrantType::AuthorizationCode) {
            return Err(TokenError::GrantNotAllowed(GrantType::AuthorizationCode));
        }
        let code = Digest::of(code.expose());
        let remember_until = now + self.settings.lifetimes.code_tombstone;
        match self.store.redeem_code(code, remember_until, now).await? {
            Redeemed::Fresh(grant) => {
                if let Some(trace) = grant.trace {
                    trace.join();
                }
                note_session(&grant.session);
                check_client(&grant, client)?;
                check_redirect_uri(&grant, redirect_uri.as_deref())?;
                check_verifier(&grant, &verifier)?;
                // "If they do not match, it MUST reject the request." (RFC 9449 §10)
                holder.check(grant.dpop_jkt, TokenError::CodeOfAnotherKey)?;
                Ok(Claim::Open(Box::new(Opening::of_code(client, *grant))))
            }
            Redeemed::Replayed(sid) => {
                AuditEvent::CodeReplayed {
                    client: client.id(),
                    sid: &sid,
                }
                .record();
                self.end_session(&sid, EndCause::CodeReplayed).await?;
                Err(TokenError::CodeReplayed)
            }
            Redeemed::Unknown => Err(TokenError::CodeUnknown),
        }
    }
}

/// > ensure that the authorization code was issued to the authenticated confidential client, or if the client is
/// > public, ensure that the code was issued to "client_id" in the request
fn check_client(grant: &CodeGrant, client: &Client) -> Result<(), TokenError> {
    if grant.client_id == *client.id() {
        Ok(())
    } else {
        Err(TokenError::CodeOfAnotherClient)
    }
}

/// > ensure that the "redirect_uri" parameter is present if the "redirect_uri" parameter was included in the initial
/// > authorization request, and if included ensure that their values are identical
///
/// apart from the port of a loopback URI, as at the authorization endpoint.
fn check_redirect_uri(grant: &CodeGrant, presented: Option<&str>) -> Result<(), TokenError> {
    match presented {
        Some(presented) if grant.redirect_uri.accept(presented).is_some() => Ok(()),
        Some(_) => Err(TokenError::RedirectUriMismatch),
        None if grant.redirect_uri_given => Err(TokenError::RedirectUriMissing),
        None => Ok(()),
    }
}

/// > If the values are not equal, an error response indicating "invalid_grant" MUST be returned.
/// > ([RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6))
fn check_verifier(grant: &CodeGrant, verifier: &CodeVerifier) -> Result<(), TokenError> {
    if grant.code_challenge.verify(verifier) {
        Ok(())
    } else {
        Err(TokenError::VerifierMismatch)
    }
}
