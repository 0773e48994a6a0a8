use std::{sync::Arc, time::Duration};

use rmcp::model::{CallToolResult, JsonObject, Tool};
use thiserror::Error;
use vestibule_protocol::{OAuthErrorCode, ScopeSet, WwwAuthenticate};

use super::{
    Client, LoginError,
    login::{Walk, Who},
};
use crate::{
    ForeignText, Interaction, McpUrl, ProofError, Refusal, StoreError, TokenError,
    discovery::Discovery,
    session::{Access, CallTool, ListTools, Operation, Session, SessionError},
    store::{Account, Entry, Way},
    token::Issue,
};

/// Why a server did not do what was asked.
#[derive(Debug, Error)]
pub enum CallError {
    /// There is no login to show.
    #[error("{server} asks for a token; log in with: vestibule login {server}")]
    NotLoggedIn {
        /// The server.
        server: String,
    },
    /// The login cannot be renewed.
    #[error(
        "the login at {server} is over{}; log in again with: vestibule login {server}",
        because(refusal.as_ref())
    )]
    LoginEnded {
        /// The server.
        server: String,
        /// What the authorization server said, where it was asked.
        refusal: Option<Refusal>,
    },
    /// The token is fresh, and the server does not take it.
    #[error(
        "{server} does not accept the token that {issuer} has just issued for it; \
         its owner must look into its log"
    )]
    TokenNotAccepted {
        /// The server.
        server: String,
        /// The issuer.
        issuer: String,
    },
    /// The scopes that it takes were not granted.
    #[error(
        "this takes the scope \"{needed}\", and the login has \"{granted}\"; \
         log in as a user who may have that, with: vestibule login {server}"
    )]
    InsufficientScope {
        /// The server.
        server: String,
        /// What the server asks for.
        needed: ScopeSet,
        /// What the login has.
        granted: ScopeSet,
    },
    /// The server refuses, and names no scope that would help.
    #[error("{server} forbids this to the logged-in user (403), and names no scope that would change it")]
    Forbidden {
        /// The server.
        server: String,
    },
    /// The server now trusts another authorization server, and the client's registration belongs to the old
    /// one.
    #[error(
        "{server} now belongs to the authorization server {found}; \
         log in again with: vestibule login {server}"
    )]
    IssuerChanged {
        /// The server.
        server: String,
        /// The new issuer.
        found: String,
    },
    /// The tokens could not be refreshed, this time.
    #[error("the token could not be refreshed: {0}")]
    Refresh(#[source] TokenError),
    /// The person did not come through with more scopes.
    #[error("this takes more scopes than the login has, and asking for them failed: {0}")]
    StepUp(#[source] Box<LoginError>),
    /// A JSON-RPC error.
    #[error("{server} answered with error {code}: {message}")]
    Refused {
        /// The server.
        server: String,
        /// The JSON-RPC code.
        code: i32,
        /// What the server said.
        message: ForeignText,
    },
    /// Anything below MCP.
    #[error(
        "{server} could not be used: {cause}; is it running, and is this the address of its MCP endpoint?"
    )]
    Transport {
        /// The server.
        server: String,
        /// What went wrong.
        cause: ForeignText,
    },
    /// The server takes too long.
    #[error("{server} did not finish within {limit:?}")]
    TimedOut {
        /// The server.
        server: String,
        /// The limit.
        limit: Duration,
    },
    /// The login could not be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key that the tokens are bound to is damaged; without it they are shown to nobody.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

fn because(refusal: Option<&Refusal>) -> String {
    refusal.map(|refusal| format!(" ({refusal})")).unwrap_or_default()
}

impl<I: Interaction> Client<I> {
    /// Lists the tools of `server`.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub async fn tools(&self, server: &McpUrl) -> Result<Vec<Tool>, CallError> {
        self.perform(server, &ListTools).await
    }

    /// Calls one tool of `server`, refreshing and stepping up on the way where it takes that.
    ///
    /// # Errors
    /// Each says what to do. An answer in which the tool itself reports an error is not one.
    pub async fn call(
        &self,
        server: &McpUrl,
        tool: &str,
        arguments: &JsonObject,
    ) -> Result<CallToolResult, CallError> {
        self.perform(
            server,
            &CallTool {
                name: tool,
                arguments,
            },
        )
        .await
    }

    /// Runs `operation` with a token that is good for it: one refresh and one step-up at most.
    async fn perform<O: Operation>(&self, server: &McpUrl, operation: &O) -> Result<O::Output, CallError> {
        let Some(mut entry) = self.store.find(server)? else {
            // Some tools are open to callers without a token.
            let output = self.attempt(server, operation, None).await?;
            return output.map_err(|error| CallError::without_login(server, error));
        };
        if self.is_stale(&entry) {
            entry = self.refresh(entry).await?;
        }
        let (mut may_refresh, mut may_step_up) = (true, true);
        loop {
            match self.attempt(server, operation, Some(&entry)).await? {
                Ok(output) => return Ok(output),
                Err(SessionError::Unauthorized) if may_refresh => {
                    may_refresh = false;
                    entry = self.refresh(entry).await?;
                }
                Err(SessionError::Unauthorized) => {
                    return Err(CallError::TokenNotAccepted {
                        server: server.to_string(),
                        issuer: entry.account.issuer,
                    });
                }
                Err(SessionError::InsufficientScope(challenge)) => {
                    let needed = needed(&challenge);
                    if needed.is_empty() {
                        return Err(CallError::Forbidden {
                            server: server.to_string(),
                        });
                    }
                    if !may_step_up || needed.is_subset(&entry.tokens.scope) {
                        return Err(CallError::InsufficientScope {
                            server: server.to_string(),
                            needed,
                            granted: entry.tokens.scope,
                        });
                    }
                    may_step_up = false;
                    entry = self.step_up(entry, &needed).await?;
                }
                Err(other) => return Err(CallError::without_login(server, other)),
            }
        }
    }

    async fn attempt<O: Operation>(
        &self,
        server: &McpUrl,
        operation: &O,
        entry: Option<&Entry>,
    ) -> Result<Result<O::Output, SessionError>, CallError> {
        let access = entry.map(|entry| self.access(entry)).transpose()?;
        let limit = self.limits.call;
        let attempt = async {
            let session = Session::open(&self.http, server, access.as_ref(), &self.interaction).await?;
            let output = operation.run(&session).await;
            session.close().await;
            output
        };
        tokio::time::timeout(limit, attempt)
            .await
            .map_err(|_| CallError::TimedOut {
                server: server.to_string(),
                limit,
            })
    }

    fn access(&self, entry: &Entry) -> Result<Access, ProofError> {
        Ok(Access {
            token: entry.tokens.access.clone(),
            prover: self.prover(&entry.account)?.map(Arc::new),
        })
    }

    fn is_stale(&self, entry: &Entry) -> bool {
        entry
            .tokens
            .expires_at
            .is_some_and(|expiry| self.host.now() + self.limits.margin >= expiry)
    }

    /// Renews the tokens of `entry`, under the lock: whoever comes second finds them renewed and asks no
    /// more, for a refresh token that is shown twice can end the login.
    async fn refresh(&self, entry: Entry) -> Result<Entry, CallError> {
        let server = entry.account.server.clone();
        let lock = self.store.lock(&server, self.limits.lock).await?;
        let ended = |refusal| CallError::LoginEnded {
            server: server.to_string(),
            refusal,
        };
        let mut current = self.store.find(&server)?.ok_or_else(|| ended(None))?;
        let renewed_meanwhile = current.tokens.access.expose() != entry.tokens.access.expose();
        if renewed_meanwhile && !self.is_stale(&current) {
            return Ok(current);
        }
        let renewal = self.renew(&current).await.map_err(CallError::Refresh)?;
        match renewal.ok_or_else(|| ended(None))? {
            Issue::Issued(tokens) => {
                current.tokens = tokens;
                self.store.put(&current, &lock)?;
                Ok(current)
            }
            Issue::Refused(refusal) => Err(ended(Some(refusal))),
        }
    }

    /// Asks for new tokens, unless there is nothing to ask with.
    async fn renew(&self, entry: &Entry) -> Result<Option<Issue>, TokenError> {
        let Entry { account, tokens } = entry;
        match (&account.way, &tokens.refresh) {
            (Way::Unattended(way), _) => self.ask(account, way, &tokens.scope).await.map(Some),
            (Way::Person(_), None) => Ok(None),
            (Way::Person(_), Some(token)) => {
                let prover = self.prover(account)?;
                let endpoint = self.token_endpoint(account, prover.as_ref());
                let refresh = endpoint.refresh(token, &account.resource, &tokens.scope);
                refresh.await.map(Some)
            }
        }
    }

    /// Asks the person for the scopes that the login has together with those that the call takes: step-up, as in
    /// [MCP](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization).
    async fn step_up(&self, entry: Entry, needed: &ScopeSet) -> Result<Entry, CallError> {
        // Another process may have asked already.
        if let Some(current) = self.store.find(&entry.account.server)?
            && needed.is_subset(&current.tokens.scope)
        {
            return Ok(current);
        }
        let failed = |error: LoginError| CallError::StepUp(Box::new(error));
        let discovery = Discovery::of(&self.http, &entry.account.server)
            .await
            .map_err(|error| failed(error.into()))?;
        // MCP: credentials are bound to the authorization server that issued them.
        if discovery.server.issuer.as_str() != entry.account.issuer {
            return Err(CallError::IssuerChanged {
                server: entry.account.server.to_string(),
                found: discovery.server.issuer.to_string(),
            });
        }
        let wanted = entry.tokens.scope.union(needed);
        let (handoff, client) = match (&entry.account.way, &entry.account.client) {
            (Way::Person(handoff), Some(client)) => (*handoff, client),
            (Way::Unattended(way), _) => {
                let account = Account {
                    token_endpoint: discovery.server.token_endpoint.clone(),
                    ..entry.account.clone()
                };
                return self.enter(account, way, &wanted).await.map_err(failed);
            }
            (Way::Person(_), None) => {
                return Err(CallError::LoginEnded {
                    server: entry.account.server.to_string(),
                    refusal: None,
                });
            }
        };
        let scope = discovery.scope(Some(&wanted));
        self.interaction.show(&format!(
            "This takes the scope \"{}\", which the login does not have yet.",
            needed.difference(&entry.tokens.scope)
        ));
        let walk = Walk {
            server: &entry.account.server,
            discovery: &discovery,
            who: Who::AsBefore(client),
            handoff,
            scope: &scope,
            proof_key: entry.account.proof_key.clone(),
        };
        self.walk(walk).await.map_err(failed)
    }
}

impl CallError {
    /// The error of a call whose login, if there is one, is not in question.
    fn without_login(server: &McpUrl, error: SessionError) -> Self {
        let server = server.to_string();
        match error {
            SessionError::Refused { code, message } => Self::Refused {
                server,
                code,
                message,
            },
            SessionError::Transport(cause) => Self::Transport { server, cause },
            SessionError::Unauthorized | SessionError::InsufficientScope(_) => Self::NotLoggedIn { server },
        }
    }
}

/// The scopes that a challenge asks for, if scopes are what is missing.
fn needed(challenge: &str) -> ScopeSet {
    WwwAuthenticate::parse(challenge)
        .into_iter()
        .chain(WwwAuthenticate::parse_dpop(challenge))
        .find(|challenge| challenge.error == Some(OAuthErrorCode::InsufficientScope))
        .and_then(|challenge| challenge.scope)
        .unwrap_or_default()
}
