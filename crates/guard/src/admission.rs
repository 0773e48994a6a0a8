use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use vestibule_protocol::ScopeSet;

use crate::cors::{answer_preflight, is_preflight};
use crate::credential::{Presented, Scheme, parse_credential};
use crate::dpop::{DPOP, DPOP_NONCE};
use crate::guard::Inner;
use crate::json_rpc::{Message, parse_messages};
use crate::lease::Lease;
use crate::mcp_session::{Holder, MCP_SESSION_ID};
use crate::principal::Principal;
use crate::refusal::Refusal;

/// What stands behind the guard.
#[derive(Debug, Clone)]
pub(crate) enum Door {
    /// An MCP endpoint: calls are judged by the JSON-RPC in them, and MCP sessions are bound.
    Mcp,
    /// Any other route, and the scopes that it needs.
    Route(ScopeSet),
}

/// What becomes of a request.
#[expect(
    clippy::large_enum_variant,
    reason = "made and taken apart once a request, never kept"
)]
pub(crate) enum Admission {
    /// It is answered here.
    Answered(Response<Body>),
    /// It goes on to the handler.
    Admitted(Request<Body>, Visit),
}

/// What the guard remembers of an admitted request until its answer leaves.
pub(crate) struct Visit {
    method: Method,
    origin: Option<HeaderValue>,
    mcp_session: Option<HeaderValue>,
    holder: Holder,
    lease: Option<Lease>,
    next_nonce: Option<HeaderValue>,
}

/// Who is calling, and how long what they are given may last.
struct Caller {
    principal: Principal,
    lease: Option<Lease>,
    /// What their next proof is to have, if it is another nonce than that of this one.
    next_nonce: Option<HeaderValue>,
}

impl Inner {
    /// Judges a request: discovery documents, origin, preflight, then whether its caller may come in.
    pub(crate) async fn admit(&self, door: &Door, request: Request<Body>) -> Admission {
        if let Some(document) = self
            .documents
            .answer(request.method(), request.uri().path())
            .await
        {
            return Admission::Answered(document);
        }
        let tried = Scheme::of_request(request.headers());
        if !self.origins.allow(request.headers()) {
            return Admission::Answered(self.refuse(tried, &Refusal::ForeignOrigin));
        }
        let origin = request.headers().get(ORIGIN).cloned();
        let mut answer = if is_preflight(&request) {
            answer_preflight()
        } else {
            match self.let_in(door, request).await {
                Ok((request, visit)) => return Admission::Admitted(request, visit),
                Err(refusal) => self.refuse(tried, &refusal),
            }
        };
        self.origins.let_read(origin.as_ref(), answer.headers_mut());
        Admission::Answered(answer)
    }

    /// Finishes what [`Inner::admit`] began when the handler has answered.
    pub(crate) fn see_off(&self, visit: Visit, mut answer: Response<Body>) -> Response<Body> {
        if answer.status().is_success() {
            match (visit.mcp_session, answer.headers().get(MCP_SESSION_ID)) {
                (Some(ended), _) if visit.method == Method::DELETE => self.mcp_sessions.unbind(&ended),
                (None, Some(opened)) => self.mcp_sessions.bind(opened.clone(), &visit.holder),
                _ => {}
            }
        }
        if let Some(nonce) = visit.next_nonce {
            // RFC 9449 §8.2: "Responses that include the DPoP-Nonce HTTP header should be uncacheable".
            let headers = answer.headers_mut();
            headers.insert(DPOP_NONCE, nonce);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        self.origins.let_read(visit.origin.as_ref(), answer.headers_mut());
        match visit.lease {
            Some(lease) => lease.limit(answer),
            None => answer,
        }
    }

    fn refuse(&self, tried: Scheme, refusal: &Refusal) -> Response<Body> {
        tracing::debug!(?refusal, "refused a request");
        refusal.answer(&self.challenge_context(tried))
    }

    /// Token, openness, MCP session, scopes.
    async fn let_in(&self, door: &Door, request: Request<Body>) -> Result<(Request<Body>, Visit), Refusal> {
        let (mut head, body) = request.into_parts();
        let caller = self.check_token(&head).await?;
        let (body, messages) = match door {
            Door::Mcp => self.read_messages(&head, body, caller.is_some()).await?,
            Door::Route(_) => (body, Vec::new()),
        };
        if caller.is_none() {
            self.check_open(door, &messages)?;
        }
        let principal = caller.as_ref().map(|caller| &caller.principal);
        tracing::debug!(
            sid = principal.map(|principal| principal.session_id().as_str()),
            "a caller is known"
        );
        let holder = Holder::of(principal);
        let mcp_session = match door {
            Door::Mcp => self.check_mcp_session(&head.headers, &holder, principal)?,
            Door::Route(_) => None,
        };
        if let Some(principal) = principal {
            let checked = self.check_scopes(door, &messages, principal);
            if let (Err(Refusal::InsufficientScope { needed, .. }), Some(id)) = (&checked, &mcp_session) {
                self.mcp_sessions.ask_for(id, &holder, needed);
            }
            checked?;
        }
        let visit = Visit {
            method: head.method.clone(),
            origin: head.headers.get(ORIGIN).cloned(),
            mcp_session,
            holder,
            lease: caller.as_ref().and_then(|caller| caller.lease.clone()),
            next_nonce: caller.as_ref().and_then(|caller| caller.next_nonce.clone()),
        };
        // MCP, "Access Token Privilege Restriction": "The MCP server MUST NOT pass through the token it received from the MCP
        // client." What the handler does not have, it cannot pass on.
        head.headers.remove(AUTHORIZATION);
        head.headers.remove(DPOP);
        if let Some(caller) = caller {
            head.extensions.insert(caller.principal);
        }
        Ok((Request::from_parts(head, body), visit))
    }

    async fn check_token(&self, head: &Parts) -> Result<Option<Caller>, Refusal> {
        let (scheme, token) = match parse_credential(&head.headers) {
            Presented::Token(scheme, token) => (scheme, token),
            Presented::Unreadable => return Err(Refusal::UnreadableToken),
            Presented::Several => return Err(Refusal::SeveralTokens),
            Presented::Nothing => return Ok(self.admitted_before(head)),
        };
        let now = self.clock.now();
        let verified = self
            .verification
            .verify(token, now)
            .await
            .map_err(Refusal::Token)?;
        let principal = verified.principal.clone();
        let next_nonce = match scheme {
            Scheme::Bearer => {
                self.dpop.check_unproven(&principal)?;
                None
            }
            Scheme::Dpop => self.dpop.check_proven(head, token, &principal, now).await?,
        };
        Ok(Some(Caller {
            principal,
            lease: Some(self.lease(verified, &head.method)),
            next_nonce: next_nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()),
        }))
    }

    /// Finds who a layer of this guard further out has admitted: the token is gone by then.
    fn admitted_before(&self, head: &Parts) -> Option<Caller> {
        let principal = Principal::of(&head.extensions)?;
        (principal.resource() == &self.resource).then(|| Caller {
            principal: principal.clone(),
            lease: None,
            next_nonce: None,
        })
    }

    async fn read_messages(
        &self,
        head: &Parts,
        body: Body,
        has_token: bool,
    ) -> Result<(Body, Vec<Message>), Refusal> {
        let matters = if has_token {
            !self.rules.is_empty()
        } else {
            self.rules.opens_something()
        };
        if head.method != Method::POST || !matters {
            return Ok((body, Vec::new()));
        }
        let bytes = self.read_body(&head.headers, body).await;
        let read = bytes.and_then(|bytes| {
            let messages = parse_messages(&bytes).map_err(Refusal::BadJsonRpc)?;
            Ok((Body::from(bytes), messages))
        });
        match read {
            // Whoever cannot say what they want without a token is asked for one first.
            Err(_) if !has_token => Err(Refusal::NoToken),
            other => other,
        }
    }

    async fn read_body(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        // The guard and the handler must read the same bytes.
        if headers.contains_key(CONTENT_ENCODING) {
            return Err(Refusal::EncodedBody);
        }
        let limit = self.max_body_bytes;
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge { limit }),
            Err(_) => Err(Refusal::BodyCutShort),
        }
    }

    fn check_open(&self, door: &Door, messages: &[Message]) -> Result<(), Refusal> {
        match door {
            Door::Mcp if !messages.is_empty() && self.rules.are_open(messages) => Ok(()),
            Door::Mcp | Door::Route(_) => Err(Refusal::NoToken),
        }
    }

    fn check_mcp_session(
        &self,
        headers: &HeaderMap,
        holder: &Holder,
        principal: Option<&Principal>,
    ) -> Result<Option<HeaderValue>, Refusal> {
        let nothing = ScopeSet::default();
        let granted = principal.map_or(&nothing, Principal::scopes);
        let mut ids = headers.get_all(MCP_SESSION_ID).iter();
        match (ids.next(), ids.next()) {
            (None, _) => Ok(None),
            (Some(id), None) if self.mcp_sessions.admit(id, holder, granted) => Ok(Some(id.clone())),
            // MCP, "Session Management": a session that has ended is answered "with HTTP 404 Not Found", and the client opens a
            // new one. Another caller's session looks the same, so that nobody learns which ones there are.
            (Some(_), _) => Err(Refusal::UnknownMcpSession),
        }
    }

    fn check_scopes(&self, door: &Door, messages: &[Message], principal: &Principal) -> Result<(), Refusal> {
        let needed = match door {
            Door::Mcp => self.required_scopes.union(&self.rules.needed_by(messages)),
            Door::Route(scopes) => self.required_scopes.union(scopes),
        };
        if needed.is_subset(principal.scopes()) {
            return Ok(());
        }
        Err(Refusal::InsufficientScope {
            needed,
            granted: principal.scopes().clone(),
        })
    }
}
