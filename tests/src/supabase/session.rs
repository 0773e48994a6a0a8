//! Sessions and their refresh tokens.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::error::{ApiError, Said};
use super::mint::{LIFE, now};
use super::world::{World, uuid};

/// One login of one user.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) user: String,
    pub(super) method: &'static str,
    pub(super) second_factor: bool,
    pub(super) expired: bool,
    /// When its user last proved who they are.
    pub(super) proven_at: u64,
    /// Whether it was opened for a client of the OAuth server, which alone may refresh it then.
    pub(super) of_client: bool,
    /// Every refresh token, the active one last.
    refresh_tokens: Vec<String>,
    access_tokens: Vec<String>,
}

impl Session {
    pub(super) fn aal(&self) -> &'static str {
        if self.second_factor { "aal2" } else { "aal1" }
    }

    fn rotate(&mut self) {
        let random = rand::random::<u64>() >> 16;
        self.refresh_tokens.push(format!("{random:012x}"));
    }
}

impl World {
    /// Opens a session.
    pub(super) fn open(&mut self, user: &str, method: &'static str) -> Said {
        self.sessions.push(Session {
            id: uuid(),
            user: user.to_owned(),
            method,
            second_factor: false,
            expired: false,
            proven_at: now(),
            of_client: false,
            refresh_tokens: Vec::new(),
            access_tokens: Vec::new(),
        });
        let last = self.sessions.len() - 1;
        self.issue(last, true)
    }

    /// Opens a session for a client of the OAuth server.
    pub(super) fn open_for_client(&mut self, user: &str) -> Said {
        let said = self.open(user, "oauth_provider/authorization_code");
        if let Some(session) = self.sessions.last_mut() {
            session.of_client = true;
        }
        said
    }

    /// Whether a refresh token is one of the OAuth server's; one that nobody knows is anybody's.
    pub(super) fn is_of_client(&self, token: &str) -> Option<bool> {
        let holds = |session: &&Session| session.refresh_tokens.iter().any(|known| known == token);
        self.sessions.iter().find(holds).map(|session| session.of_client)
    }

    /// Lifts a session by a second factor.
    pub(super) fn lift(&mut self, id: &str) -> Said {
        let at = self.sessions.iter().position(|session| session.id == id);
        let at = at.ok_or(ApiError::new(403, "session_not_found", "Session does not exist"))?;
        self.sessions[at].second_factor = true;
        self.sessions[at].proven_at = now();
        self.issue(at, true)
    }

    /// Swaps a refresh token. The one before the active one is forgiven: its answer may have been lost.
    pub(super) fn refresh(&mut self, token: &str) -> Said {
        let refused = |code: &str, message: &str| {
            ApiError::new(400, code, &format!("Invalid Refresh Token: {message}"))
        };
        let found = self
            .sessions
            .iter()
            .position(|session| session.refresh_tokens.iter().any(|known| known == token));
        let at = found.ok_or_else(|| refused("refresh_token_not_found", "Refresh Token Not Found"))?;
        let session = &self.sessions[at];
        let person = self
            .people
            .iter()
            .find(|person| person.id == session.user && !person.deleted);
        let person = person.ok_or_else(|| refused("refresh_token_not_found", "Refresh Token Not Found"))?;
        if person.banned {
            return Err(refused("user_banned", "User Banned"));
        }
        if session.expired {
            return Err(refused("session_expired", "Session Expired"));
        }
        let age = session
            .refresh_tokens
            .iter()
            .rev()
            .position(|known| known == token);
        match age {
            Some(0) => self.issue(at, true),
            Some(1) => self.issue(at, false),
            _ => {
                self.sessions.remove(at);
                Err(refused("refresh_token_already_used", "Already Used"))
            }
        }
    }

    fn issue(&mut self, at: usize, rotated: bool) -> Said {
        if rotated {
            self.sessions[at].rotate();
        }
        let access_token = self.access_token(&self.sessions[at])?;
        let session = &mut self.sessions[at];
        session.access_tokens.push(access_token.clone());
        let refresh_token = session.refresh_tokens.last().cloned();
        let user = session.user.clone();
        Ok(json!({
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": LIFE,
            "expires_at": now() + LIFE,
            "refresh_token": refresh_token,
            "user": self.person_by_id(&user)?.shown(),
        }))
    }

    /// The session whose access token the request carries.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<&Session, ApiError> {
        let no_token = || {
            ApiError::new(
                401,
                "no_authorization",
                "This endpoint requires a valid Bearer token",
            )
        };
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(no_token)?;
        let bad = || ApiError::new(403, "bad_jwt", "invalid JWT: unable to parse or verify signature");
        let holds = |session: &&Session| session.access_tokens.iter().any(|known| known == token);
        let session = self.sessions.iter().find(holds).ok_or_else(bad)?;
        if self.person_by_id(&session.user)?.banned {
            return Err(ApiError::new(403, "user_banned", "User is banned"));
        }
        Ok(session)
    }

    /// Ends sessions: this one, the others, or all of its user's.
    pub(super) fn log_out(&mut self, headers: &HeaderMap, scope: &str) -> Said {
        let session = self.authenticate(headers)?;
        let (id, user) = (session.id.clone(), session.user.clone());
        match scope {
            "local" => self.sessions.retain(|session| session.id != id),
            "others" => self
                .sessions
                .retain(|session| session.user != user || session.id == id),
            "" | "global" => self.sessions.retain(|session| session.user != user),
            _ => return Err(ApiError::validation("Unsupported logout scope")),
        }
        Ok(Value::Null)
    }
}
