//! One line of the audit log.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use vestibule_protocol::{ClientId, KeyId, ProviderId, ResourceUri, ScopeSet, SessionId, Subject};

use super::{AdminAction, AdminTarget, Operator};
use crate::request::RequestId;
use crate::trace::TraceContext;

/// The fields of a line, before they are written.
#[derive(Default)]
pub(super) struct Line<'a> {
    pub(super) event: &'static str,
    pub(super) actor: Option<&'a str>,
    pub(super) client: Option<&'a ClientId>,
    pub(super) provider: Option<&'a ProviderId>,
    pub(super) resource: Option<&'a [ResourceUri]>,
    pub(super) scope: Option<&'a ScopeSet>,
    pub(super) sid: Option<&'a SessionId>,
    pub(super) kid: Option<&'a KeyId>,
    pub(super) action: Option<&'static str>,
    pub(super) subject: Option<&'a Subject>,
    pub(super) cause: Option<&'a str>,
    pub(super) request_id: Option<RequestId>,
    pub(super) trace: Option<TraceContext>,
}

impl<'a> Line<'a> {
    pub(super) fn of(event: &'static str) -> Self {
        Self {
            event,
            ..Self::default()
        }
    }

    pub(super) fn of_client(event: &'static str, client: &'a ClientId) -> Self {
        Self {
            client: Some(client),
            ..Self::of(event)
        }
    }

    pub(super) fn of_action(actor: &'a Operator, action: AdminAction, target: AdminTarget<'a>) -> Self {
        Self {
            actor: Some(actor.as_str()),
            action: Some(action.as_str()),
            subject: target.subject,
            client: target.client,
            resource: target.resource.map(std::slice::from_ref),
            sid: target.sid,
            ..Self::of("operator_acted")
        }
    }

    pub(super) fn of_grant(
        event: &'static str,
        actor: &'a Subject,
        client: &'a ClientId,
        resources: &'a [ResourceUri],
        scopes: &'a ScopeSet,
        sid: &'a SessionId,
    ) -> Self {
        Self {
            actor: Some(actor.as_str()),
            client: Some(client),
            resource: Some(resources),
            scope: Some(scopes),
            sid: Some(sid),
            ..Self::of(event)
        }
    }

    /// The line, with the request that is being answered here.
    pub(super) fn in_request(self) -> Self {
        Self {
            request_id: RequestId::current(),
            trace: TraceContext::current(),
            ..self
        }
    }

    /// Hands the line to the log and the collector, where they take security events.
    pub(super) fn log(&self) {
        let Self {
            event,
            actor,
            client,
            provider,
            resource,
            scope,
            sid,
            kid,
            action,
            subject,
            cause,
            // The log adds these two to every line of its own.
            request_id: _,
            trace: _,
        } = self;
        tracing::info!(
            target: "audit",
            event,
            actor,
            client = client.map(ClientId::as_str),
            provider = provider.map(ProviderId::as_str),
            resource = resource.map(|all| display(Joined(all))),
            scope = scope.map(display),
            sid = sid.map(SessionId::as_str),
            kid = kid.map(KeyId::as_str),
            action,
            subject = subject.map(Subject::as_str),
            cause,
        );
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("time", &now())?;
        line.serialize_entry("event", self.event)?;
        entry(&mut line, "actor", self.actor)?;
        entry(&mut line, "client", self.client.map(ClientId::as_str))?;
        entry(&mut line, "provider", self.provider.map(ProviderId::as_str))?;
        entry(&mut line, "resource", self.resource.map(Joined))?;
        entry(&mut line, "scope", self.scope)?;
        entry(&mut line, "sid", self.sid.map(SessionId::as_str))?;
        entry(&mut line, "kid", self.kid.map(KeyId::as_str))?;
        entry(&mut line, "action", self.action)?;
        entry(&mut line, "subject", self.subject.map(Subject::as_str))?;
        entry(&mut line, "cause", self.cause)?;
        entry(&mut line, "request_id", self.request_id)?;
        entry(
            &mut line,
            "trace_id",
            self.trace.as_ref().map(TraceContext::trace_id),
        )?;
        line.end()
    }
}

fn entry<M: SerializeMap>(
    line: &mut M,
    field: &str,
    value: Option<impl fmt::Display>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => line.serialize_entry(field, &value.to_string()),
        None => Ok(()),
    }
}

/// Several resources, with a space between them.
struct Joined<'a>(&'a [ResourceUri]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, resource) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{}", resource.as_str())?;
        }
        Ok(())
    }
}

fn now() -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
