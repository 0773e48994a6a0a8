//! Security events, and where they go.

mod admin;
mod line;
mod log;

use vestibule_protocol::{ClientId, KeyId, ProviderId, ResourceUri, ScopeSet, SessionId, Subject};

pub use self::admin::{AdminAction, AdminTarget, Operator};
pub(crate) use self::log::open;
pub use self::log::{AuditSink, OpenAuditError};

use self::line::Line;
use crate::metrics::{Metrics, metrics};

/// The events that mean that somebody has a copy of what is another's.
const THEFTS: [&str; 3] = ["assertion_replayed", "code_replayed", "reuse_detected"];

/// Begins the counts of what should never happen with zero. Prometheus knows a rise only from two samples: the first theft would
/// not be one if its count began with it.
pub(crate) fn begin_counts() {
    if let Some(metrics) = metrics() {
        for event in THEFTS {
            metrics.no_event(event);
        }
        for sink in log::sinks() {
            metrics.nothing_lost(sink);
        }
    }
}

/// Something that happened to security, for the record.
///
/// Each event becomes one line with the fields `event`, `actor`, `client`, `provider`, `resource`, `scope`, `sid`, `kid`,
/// `action`, `subject` and `cause`, those that do not apply left out. The names are stable; `docs/telemetry.md` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditEvent<'a> {
    /// A user logged in.
    Login {
        /// The user.
        actor: &'a Subject,
        /// Who vouched.
        provider: &'a ProviderId,
        /// The client that asked.
        client: &'a ClientId,
    },
    /// A login did not come to its end.
    LoginFailed {
        /// With which provider.
        provider: &'a ProviderId,
        /// The client that asked.
        client: &'a ClientId,
        /// Why.
        cause: LoginFailure,
    },
    /// A user let a client in.
    Consent {
        /// The user.
        actor: &'a Subject,
        /// The client.
        client: &'a ClientId,
        /// For which resources.
        resources: &'a [ResourceUri],
        /// To do what.
        scopes: &'a ScopeSet,
        /// The session that will be opened.
        sid: &'a SessionId,
    },
    /// A user sent a client away.
    Denied {
        /// The user.
        actor: &'a Subject,
        /// The client.
        client: &'a ClientId,
    },
    /// A session was opened and its first tokens were issued.
    TokenIssued {
        /// The user.
        actor: &'a Subject,
        /// The client.
        client: &'a ClientId,
        /// For which resources.
        resources: &'a [ResourceUri],
        /// To do what.
        scopes: &'a ScopeSet,
        /// The session.
        sid: &'a SessionId,
    },
    /// A session's tokens were renewed.
    Refreshed {
        /// The user.
        actor: &'a Subject,
        /// The client.
        client: &'a ClientId,
        /// For which resources.
        resources: &'a [ResourceUri],
        /// To do what.
        scopes: &'a ScopeSet,
        /// The session.
        sid: &'a SessionId,
    },
    /// An MCP server was given a token for another one.
    TokenExchanged {
        /// The user for whom it acts.
        actor: &'a Subject,
        /// The client as which the server authenticates.
        client: &'a ClientId,
        /// The server that it may call.
        resources: &'a [ResourceUri],
        /// To do what.
        scopes: &'a ScopeSet,
        /// The session.
        sid: &'a SessionId,
    },
    /// A spent refresh token came back: somebody has a copy.
    ReuseDetected {
        /// The user whose session it is.
        actor: &'a Subject,
        /// The client that presented it.
        client: &'a ClientId,
        /// The session.
        sid: &'a SessionId,
    },
    /// A spent authorization code came back: somebody has a copy.
    CodeReplayed {
        /// The client that presented it.
        client: &'a ClientId,
        /// The session that the code had opened.
        sid: &'a SessionId,
    },
    /// A session and every token of it ended.
    SessionEnded {
        /// The user whose session it was.
        actor: &'a Subject,
        /// The client.
        client: &'a ClientId,
        /// The session.
        sid: &'a SessionId,
        /// Why.
        cause: EndCause,
    },
    /// A client registered itself.
    ClientRegistered {
        /// The client.
        client: &'a ClientId,
    },
    /// A client changed its registration.
    ClientUpdated {
        /// The client.
        client: &'a ClientId,
    },
    /// A client withdrew its registration.
    ClientDeleted {
        /// The client.
        client: &'a ClientId,
    },
    /// An operator shut a client out.
    ClientBlocked {
        /// The client.
        client: &'a ClientId,
    },
    /// An operator let a client in again.
    ClientUnblocked {
        /// The client.
        client: &'a ClientId,
    },
    /// An operator approved a client.
    ClientApproved {
        /// The client.
        client: &'a ClientId,
    },
    /// A client's document was read that was not known before.
    ClientDocumentRead {
        /// The client.
        client: &'a ClientId,
    },
    /// A client's document says something else than when it was last read.
    ClientDocumentChanged {
        /// The client.
        client: &'a ClientId,
        /// The fields that changed, separated by spaces.
        changed: &'a str,
    },
    /// A client's assertion came a second time: somebody has a copy.
    AssertionReplayed {
        /// The client whose assertion it is.
        client: &'a ClientId,
    },
    /// Another key signs from now on.
    KeysRotated {
        /// The key that signs.
        kid: &'a KeyId,
    },
    /// An operator gave a command; what came of it has events of its own.
    OperatorActed {
        /// The operator.
        actor: &'a Operator,
        /// What was asked for.
        action: AdminAction,
        /// What it was about.
        target: AdminTarget<'a>,
    },
}

/// Why a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFailure {
    /// What the user typed was wrong.
    WrongCredentials,
    /// The user, or the provider for them, said no.
    Denied,
    /// What the provider sent does not hold.
    Rejected,
    /// What the provider sent was used before.
    Replayed,
    /// The provider is down or misconfigured.
    Unavailable,
    /// No scope that was asked for may be given to this user.
    NotAllowed,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndCause {
    /// The client revoked a token of it.
    RevokedByClient,
    /// The user ended it.
    EndedByUser,
    /// An operator ended it.
    EndedByOperator,
    /// Its authorization code was redeemed twice.
    CodeReplayed,
    /// A spent refresh token was presented.
    RefreshTokenReused,
    /// Its client withdrew its registration or was shut out.
    ClientGone,
    /// Its provider no longer vouches for the user.
    UserGone,
    /// Its user logged out at the provider.
    LoggedOutAtProvider,
}

impl LoginFailure {
    fn as_str(self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::Replayed => "replayed",
            Self::Unavailable => "unavailable",
            Self::NotAllowed => "not_allowed",
        }
    }
}

impl EndCause {
    fn as_str(self) -> &'static str {
        match self {
            Self::RevokedByClient => "revoked_by_client",
            Self::EndedByUser => "ended_by_user",
            Self::EndedByOperator => "ended_by_operator",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::ClientGone => "client_gone",
            Self::UserGone => "user_gone",
            Self::LoggedOutAtProvider => "logged_out_at_provider",
        }
    }
}

impl AuditEvent<'_> {
    /// Writes the event to the audit log, and counts it.
    pub fn record(&self) {
        if let Some(metrics) = metrics() {
            self.count(metrics);
        }
        let line = self.line().in_request();
        log::write(&line);
        line.log();
    }

    fn count(&self, metrics: &Metrics) {
        metrics.event(self.line().event);
        match self {
            Self::Login { provider, .. } => metrics.login(provider.as_str(), "ok"),
            Self::LoginFailed { provider, cause, .. } => metrics.login(provider.as_str(), cause.as_str()),
            Self::SessionEnded { cause, .. } => metrics.session_ended(cause.as_str()),
            _ => {}
        }
    }

    fn line(&self) -> Line<'_> {
        match *self {
            Self::Login {
                actor,
                provider,
                client,
            } => Line {
                actor: Some(actor.as_str()),
                provider: Some(provider),
                client: Some(client),
                ..Line::of("login")
            },
            Self::LoginFailed {
                provider,
                client,
                cause,
            } => Line {
                provider: Some(provider),
                client: Some(client),
                cause: Some(cause.as_str()),
                ..Line::of("login_failed")
            },
            Self::Consent {
                actor,
                client,
                resources,
                scopes,
                sid,
            } => Line::of_grant("consent", actor, client, resources, scopes, sid),
            Self::Denied { actor, client } => Line {
                actor: Some(actor.as_str()),
                client: Some(client),
                ..Line::of("denied")
            },
            Self::TokenIssued {
                actor,
                client,
                resources,
                scopes,
                sid,
            } => Line::of_grant("token_issued", actor, client, resources, scopes, sid),
            Self::Refreshed {
                actor,
                client,
                resources,
                scopes,
                sid,
            } => Line::of_grant("refreshed", actor, client, resources, scopes, sid),
            Self::TokenExchanged {
                actor,
                client,
                resources,
                scopes,
                sid,
            } => Line::of_grant("token_exchanged", actor, client, resources, scopes, sid),
            Self::ReuseDetected { actor, client, sid } => Line {
                actor: Some(actor.as_str()),
                client: Some(client),
                sid: Some(sid),
                ..Line::of("reuse_detected")
            },
            Self::CodeReplayed { client, sid } => Line {
                client: Some(client),
                sid: Some(sid),
                ..Line::of("code_replayed")
            },
            Self::SessionEnded {
                actor,
                client,
                sid,
                cause,
            } => Line {
                actor: Some(actor.as_str()),
                client: Some(client),
                sid: Some(sid),
                cause: Some(cause.as_str()),
                ..Line::of("session_ended")
            },
            Self::ClientRegistered { client } => Line::of_client("client_registered", client),
            Self::ClientUpdated { client } => Line::of_client("client_updated", client),
            Self::ClientDeleted { client } => Line::of_client("client_deleted", client),
            Self::ClientBlocked { client } => Line::of_client("client_blocked", client),
            Self::ClientUnblocked { client } => Line::of_client("client_unblocked", client),
            Self::ClientApproved { client } => Line::of_client("client_approved", client),
            Self::ClientDocumentRead { client } => Line::of_client("client_document_read", client),
            Self::ClientDocumentChanged { client, changed } => Line {
                cause: Some(changed),
                ..Line::of_client("client_document_changed", client)
            },
            Self::AssertionReplayed { client } => Line::of_client("assertion_replayed", client),
            Self::OperatorActed {
                actor,
                action,
                target,
            } => Line::of_action(actor, action, target),
            Self::KeysRotated { kid } => Line {
                kid: Some(kid),
                ..Line::of("keys_rotated")
            },
        }
    }
}

#[cfg(test)]
mod tests;
