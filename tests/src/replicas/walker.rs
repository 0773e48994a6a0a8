//! One client and its user, over and over: authorize, redeem, refresh, introspect, revoke.
//!
//! A client whose connection breaks, or that is told to come again, asks again as real ones do; so each answer that it gets to
//! the same question is held against the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::ledger::{Kept, Ledger, Outcome};
use super::{APP, CALLBACK, GATE, PASSWORD, USER};
use crate::flow::{challenge, random};
use crate::page::{Form, Page};
use crate::wire::with_form;

/// How long an answer may take: longer than the broker's own patience with a store.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two tries of the same request.
const PAUSE: Duration = Duration::from_millis(200);
/// How often the same request is tried before a client gives up.
const TRIES: usize = 40;
/// How often a session is refreshed.
const REFRESHES: usize = 4;
/// Of three walks, the one on which a code is redeemed twice at once; it ends there, since that ends the session.
const REDEEMED_TWICE: usize = 0;
/// And the one on which every refresh is asked for twice at once.
const REFRESHED_TWICE: usize = 1;

pub(super) struct Walker {
    issuer: String,
    resource: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    ledger: Ledger,
    stop: Arc<AtomicBool>,
    walks: usize,
}

/// The walk cannot go on, and nothing is wrong with that.
struct GivenUp;

struct Reply {
    status: StatusCode,
    location: Option<String>,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn member(&self, name: &str) -> Option<String> {
        Some(self.json().get(name)?.as_str()?.to_owned())
    }
}

impl Walker {
    pub(super) fn new(issuer: &str, resource: &str, stop: Arc<AtomicBool>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Each request is another connection, so that the balancer hands it to another replica.
            .pool_max_idle_per_host(0)
            .timeout(PATIENCE)
            .build()
            .expect("a client without certificates builds");
        Self {
            issuer: issuer.to_owned(),
            resource: resource.to_owned(),
            http,
            cookies: BTreeMap::new(),
            ledger: Ledger::default(),
            stop,
            walks: 0,
        }
    }

    /// Walks until it is told to stop, and hands over what it was told.
    pub(super) async fn run(mut self) -> Ledger {
        while !self.stop.load(Ordering::Relaxed) {
            self.walks += 1;
            if self.walk().await.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        self.ledger
    }

    /// Opens one session, with nothing else going on.
    pub(super) async fn log_in(mut self) -> Kept {
        self.walks = 2;
        let verifier = random();
        let code = self.authorize(&challenge(&verifier)).await.ok();
        let code = code.expect("a code");
        let redeemed = self.redeem(&code, &verifier).await.ok().flatten();
        redeemed.unwrap_or_else(|| panic!("no tokens: {}", self.ledger.table()))
    }

    async fn walk(&mut self) -> Result<(), GivenUp> {
        let verifier = random();
        let code = self.authorize(&challenge(&verifier)).await?;
        let Some(mut session) = self.redeem(&code, &verifier).await? else {
            return Ok(());
        };
        for _ in 0..REFRESHES {
            session = match self.refresh(&session).await {
                Ok(next) => next,
                Err(given_up) => {
                    // The client still holds the token before, and with it the session.
                    self.ledger.living.push(session);
                    return Err(given_up);
                }
            };
            self.must_be(&session, Activity::Active).await;
        }
        if self.walks.is_multiple_of(2) {
            self.revoke(session).await
        } else {
            self.ledger.living.push(session);
            Ok(())
        }
    }

    /// Sends the user to the authorization endpoint and comes back with a code.
    async fn authorize(&mut self, challenge: &str) -> Result<String, GivenUp> {
        let mut url = self.url("/oauth/authorize");
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", APP.0),
            ("redirect_uri", CALLBACK),
            ("state", "s"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
            ("resource", &self.resource),
            ("scope", "mcp:read offline_access"),
        ]);
        let mut reply = self.visit("authorize", self.http.get(url.clone())).await?;
        // A login and a consent at most, each a page, a form and a redirect.
        for _ in 0..8 {
            if let Some(location) = &reply.location {
                let next = url.join(location).expect("a Location is a URL");
                if location.starts_with(CALLBACK) {
                    let mut pairs = next.query_pairs();
                    let code = pairs.find_map(|(name, value)| (name == "code").then(|| value.into_owned()));
                    return code.ok_or(GivenUp);
                }
                url = next;
                reply = self.visit("page", self.http.get(url.clone())).await?;
            } else {
                let form = self.answer_page(&reply)?;
                let action = form.action().filter(|action| !action.is_empty());
                let target = action.map_or(url.clone(), |action| url.join(action).expect("a URL"));
                let request = self.http.post(target).header("origin", &self.issuer);
                reply = self.visit("page", with_form(request, &form.data())).await?;
            }
        }
        Err(GivenUp)
    }

    fn answer_page(&mut self, reply: &Reply) -> Result<Form, GivenUp> {
        let page = Page::new(reply.body.clone());
        if let Some(form) = page.form_with("password") {
            return Ok(form.fill("username", USER).fill("password", PASSWORD));
        }
        if let Some(form) = page.form_with("decision") {
            return Ok(form.press("decision", "approve"));
        }
        // A page of an error: the walk was lost on the way.
        if !matches!(reply.status.as_u16(), 400 | 503) {
            self.ledger
                .wrong(format!("a page of status {}: {}", reply.status, page.text()));
        }
        Err(GivenUp)
    }

    /// Redeems a code, and asks again when there was no answer: it is honoured once, or never.
    async fn redeem(&mut self, code: &str, verifier: &str) -> Result<Option<Kept>, GivenUp> {
        let data = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        let mut honoured = Vec::new();
        let mut doubtful = false;
        if self.walks % 3 == REDEEMED_TWICE {
            let (first, second) =
                tokio::join!(self.post(APP, "token", &data), self.post(APP, "token", &data));
            for reply in [first, second] {
                doubtful = true;
                let reply = self.noted(Ledger::REDEEMED_TWICE, reply);
                honoured.extend(reply.filter(|reply| reply.status == 200));
            }
        } else {
            for _ in 0..TRIES {
                let reply = self.post(APP, "token", &data).await;
                match self.noted("redeem", reply) {
                    None => doubtful = true,
                    Some(reply) if reply.status == 503 => {}
                    Some(reply) => {
                        honoured.extend((reply.status == 200).then_some(reply));
                        break;
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        if honoured.len() > 1 {
            self.ledger.wrong("a code was honoured twice".to_owned());
        }
        let Some(reply) = honoured.pop() else {
            return Err(GivenUp);
        };
        let kept = kept(&reply).ok_or(GivenUp)?;
        // Whoever asked twice has ended the session, if both requests arrived.
        Ok((!doubtful).then_some(kept))
    }

    /// Refreshes, and asks again when there was no answer: every answer names the same successor.
    async fn refresh(&mut self, session: &Kept) -> Result<Kept, GivenUp> {
        let data = [
            ("grant_type", "refresh_token"),
            ("refresh_token", session.refresh_token.as_str()),
        ];
        let mut successors: Vec<Kept> = Vec::new();
        if self.walks % 3 == REFRESHED_TWICE {
            let (first, second) =
                tokio::join!(self.post(APP, "token", &data), self.post(APP, "token", &data));
            for reply in [first, second] {
                let reply = self.noted(Ledger::REFRESHED_TWICE, reply);
                self.must_not_be_refused(reply.as_ref())?;
                successors.extend(reply.as_ref().and_then(kept));
            }
        }
        for _ in 0..TRIES {
            if !successors.is_empty() {
                break;
            }
            let reply = self.post(APP, "token", &data).await;
            if let Some(reply) = self.noted("refresh", reply) {
                successors.extend(kept(&reply));
                self.must_not_be_refused(Some(&reply))?;
            }
            tokio::time::sleep(PAUSE).await;
        }
        successors.dedup_by(|one, other| one.refresh_token == other.refresh_token);
        if successors.len() > 1 {
            self.ledger.wrong("a refresh token had two successors".to_owned());
        }
        successors.pop().ok_or(GivenUp)
    }

    /// The refresh token of a session that nobody ended is good, however often it is shown within the grace window.
    fn must_not_be_refused(&mut self, reply: Option<&Reply>) -> Result<(), GivenUp> {
        match reply {
            Some(reply) if reply.status == 400 => {
                self.ledger.wrong(format!("a session was lost: {}", reply.body));
                Err(GivenUp)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Ends the session, and sees that every replica knows it.
    async fn revoke(&mut self, session: Kept) -> Result<(), GivenUp> {
        let data = [("token", session.refresh_token.as_str())];
        for _ in 0..TRIES {
            let reply = self.post(APP, "revoke", &data).await;
            if self
                .noted("revoke", reply)
                .is_some_and(|reply| reply.status == 200)
            {
                for _ in 0..3 {
                    self.must_be(&session, Activity::Over).await;
                }
                self.ledger.ended.push(session);
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(GivenUp)
    }

    async fn must_be(&mut self, session: &Kept, activity: Activity) {
        let data = [("token", session.access_token.as_str())];
        let reply = self.post(GATE, "introspect", &data).await;
        let Some(reply) = self
            .noted("introspect", reply)
            .filter(|reply| reply.status == 200)
        else {
            return;
        };
        let found = match reply.json().get("active").and_then(Value::as_bool) {
            Some(true) => Activity::Active,
            _ => Activity::Over,
        };
        if found != activity {
            self.ledger
                .wrong(format!("introspection: {found:?} where it must be {activity:?}"));
        }
    }

    /// Sends a request of the user's browser; a page is asked for again until somebody answers.
    async fn visit(&mut self, endpoint: &'static str, request: RequestBuilder) -> Result<Reply, GivenUp> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let reply = request.header(COOKIE, cookies.join("; ")).send().await;
        if let Ok(reply) = &reply {
            for cookie in reply.headers().get_all(SET_COOKIE) {
                let pair = cookie
                    .to_str()
                    .ok()
                    .and_then(|text| text.split(';').next()?.split_once('='));
                if let Some((name, value)) = pair {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let reply = read(reply).await;
        self.noted(endpoint, reply)
            .filter(|reply| reply.status != 503)
            .ok_or(GivenUp)
    }

    async fn post(&self, (id, secret): (&str, &str), endpoint: &str, data: &[(&str, &str)]) -> Option<Reply> {
        let request = self
            .http
            .post(self.url(&format!("/oauth/{endpoint}")))
            .basic_auth(id, Some(secret));
        read(with_form(request, data).send().await).await
    }

    fn noted(&mut self, endpoint: &'static str, reply: Option<Reply>) -> Option<Reply> {
        let outcome = reply
            .as_ref()
            .map_or(Outcome::Broken, |reply| Outcome::Status(reply.status.as_u16()));
        self.ledger.note(endpoint, outcome);
        reply
    }

    fn url(&self, path: &str) -> Url {
        crate::browser::parse(&format!("{}{path}", self.issuer))
    }
}

/// Whether a token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    Active,
    Over,
}

fn kept(reply: &Reply) -> Option<Kept> {
    Some(Kept {
        refresh_token: reply.member("refresh_token")?,
        access_token: reply.member("access_token")?,
    })
}

async fn read(reply: Result<reqwest::Response, reqwest::Error>) -> Option<Reply> {
    let reply = reply.ok()?;
    let location = reply.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    Some(Reply {
        status: reply.status(),
        location: location.map(str::to_owned),
        body: reply.text().await.ok()?,
    })
}
