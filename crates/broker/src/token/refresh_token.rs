//! The grant `refresh_token` ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)), with rotation as
//! [RFC 9700 §4.14](https://www.rfc-editor.org/rfc/rfc9700#section-4.14) has it.

use vestibule_keyring::{PresentedRefresh, RefreshTokens};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_telemetry::{AuditEvent, EndCause, note_session};

use super::reach::Reach;
use super::{Claim, Holder, TokenError};
use crate::record::Session;
use crate::store::{Rotated, RotationTerms};
use crate::upstream::Vouching;
use crate::{Broker, Client};

impl Broker {
    /// Finds the session of a refresh token. Nothing is spent yet.
    pub(super) async fn find_refreshed(
        &self,
        client: &Client,
        token: &Secret,
        holder: Holder,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        let presented = RefreshTokens::parse(token.expose()).ok_or(TokenError::RefreshTokenUnknown)?;
        let theirs =
            |session: &Session| session.refreshable && self.refresh_tokens.verify(&presented, &session.salt);
        // What the store saw last is good enough to say yes, since the rotation decides; never to say no.
        let good = |session: &Session| {
            session.recheck_at.is_none_or(|recheck_at| now < recheck_at)
                && session.client_id == *client.id()
                && holder.is(session.dpop_jkt)
                && theirs(session)
        };
        let recalled = self.store.recall_session(presented.session(), now).await?;
        let mut session = match recalled.filter(good) {
            Some(session) => session,
            None => self
                .store
                .find_session(presented.session(), now)
                .await?
                .filter(theirs)
                .ok_or(TokenError::RefreshTokenUnknown)?,
        };
        if let Some(trace) = session.trace {
            trace.link();
        }
        note_session(&session.id);
        // "The refresh token is bound to the client to which it was issued."
        if session.client_id != *client.id() {
            return Err(TokenError::RefreshTokenOfAnotherClient);
        }
        holder.check(session.dpop_jkt, TokenError::RefreshTokenOfAnotherKey)?;
        if let (Some(upstream), Some(recheck_at)) = (&session.upstream, session.recheck_at)
            && recheck_at <= now
        {
            match Box::pin(self.look_at_upstream(upstream)).await? {
                Vouching::Stands { look_again } => session.recheck_at = look_again.or(session.recheck_at),
                Vouching::Over => {
                    self.end_session(&session.id, EndCause::UserGone).await?;
                    return Err(TokenError::UserGone);
                }
                // The session is kept: when the provider is back, the same token is good.
                Vouching::Unanswered => return Err(TokenError::ProviderAway),
            }
        }
        Ok(Claim::Refresh(Box::new(session), presented))
    }

    /// Moves the session on, or ends it if the token was spent before.
    ///
    /// A client that lost the answer and asks again within the grace window is given the same successor: the token is
    /// derived, and the session's generation has not changed.
    pub(super) async fn rotate_session(
        &self,
        session: Session,
        presented: &PresentedRefresh,
        holder: Holder,
        reach: &Reach<'_>,
        now: Timestamp,
    ) -> Result<Session, TokenError> {
        let lifetimes = &self.settings.lifetimes;
        let terms = RotationTerms {
            salt: session.salt,
            grace: lifetimes.refresh_grace,
            idle: lifetimes.session_idle,
            recheck_at: session.recheck_at,
            proved: holder.proved(),
            bind: holder.refresh_key,
        };
        let rotated = self
            .store
            .rotate_session(presented.session(), presented.generation(), terms, now)
            .await?;
        match rotated {
            Rotated::Rotated(generation) | Rotated::Repeated(generation) => {
                AuditEvent::Refreshed {
                    actor: &session.identity.subject,
                    client: &session.client_id,
                    resources: &reach.uris(),
                    scopes: &reach.scopes,
                    sid: &session.id,
                }
                .record();
                Ok(session.at(generation))
            }
            Rotated::Reused => {
                AuditEvent::ReuseDetected {
                    actor: &session.identity.subject,
                    client: &session.client_id,
                    sid: &session.id,
                }
                .record();
                self.end_session(&session.id, EndCause::RefreshTokenReused)
                    .await?;
                Err(TokenError::RefreshTokenReused)
            }
            // Somebody has bound it since we looked at it.
            Rotated::OfAnotherKey(bound) => {
                holder.check(Some(bound), TokenError::RefreshTokenOfAnotherKey)?;
                Err(TokenError::RefreshTokenOfAnotherKey)
            }
            Rotated::Unknown => Err(TokenError::RefreshTokenUnknown),
        }
    }
}
