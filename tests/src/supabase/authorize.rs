//! Social logins: away, to a social provider that the stand-in plays itself, and back.

use std::collections::BTreeMap;

use url::Url;

use super::error::ApiError;
use super::glob;
use super::world::{Flow, Social, World, uuid};

pub(super) type Query = BTreeMap<String, String>;

impl World {
    /// Where a browser is sent that wants to sign in with a social provider.
    pub(super) fn authorize(&mut self, query: &Query) -> Result<String, ApiError> {
        let part = |name: &str| query.get(name).cloned().unwrap_or_default();
        let provider = part("provider");
        if self.external.get(&provider) != Some(&true) {
            return Err(ApiError::validation(
                "Unsupported provider: provider is not enabled",
            ));
        }
        let challenge = part("code_challenge");
        if !part("code_challenge_method").eq_ignore_ascii_case("s256")
            || !(43..=128).contains(&challenge.len())
        {
            return Err(ApiError::validation(
                "PKCE flow requires code_challenge_method and code_challenge",
            ));
        }
        let flow = Flow {
            id: uuid(),
            challenge,
            redirect_to: self.allowed(&part("redirect_to")),
            code: uuid(),
            user: None,
        };
        let root = self.base.trim_end_matches("/auth/v1");
        let target = format!("{root}/social/{provider}?state={}", flow.id);
        self.flows.push(flow);
        Ok(target)
    }

    /// The redirect, or the site's own address where nobody allowed it. Nobody is told.
    fn allowed(&self, redirect_to: &str) -> String {
        let bare = redirect_to.split('#').next().unwrap_or_default();
        let allowed = self.allow_list.iter().any(|pattern| glob::matches(pattern, bare));
        if allowed {
            redirect_to.to_owned()
        } else {
            self.site_url.clone()
        }
    }

    /// What the social provider sends the browser back with.
    pub(super) fn at_social(&self, query: &Query) -> String {
        let state = query.get("state").cloned().unwrap_or_default();
        let outcome = match &self.social {
            Social::SignsIn(email) => format!("code={email}"),
            Social::Denies => "error=access_denied&error_description=The+user+said+no".to_owned(),
            Social::Fails => "code=".to_owned(),
        };
        format!("{}/callback?state={state}&{outcome}", self.base)
    }

    /// Back from the social provider, and on to whoever sent the browser.
    pub(super) fn callback(&mut self, query: &Query) -> Result<String, ApiError> {
        let part = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let at = self.flows.iter().position(|flow| flow.id == part("state"));
        let at = at.ok_or(ApiError::new(
            400,
            "bad_oauth_state",
            "OAuth state not found or expired",
        ))?;
        let back = self.flows[at].redirect_to.clone();
        if let Some(error) = query.get("error") {
            return Ok(with_error(&back, error, "", part("error_description")));
        }
        let Some(person) = self.person(part("code")) else {
            let text = "Unable to exchange external code";
            return Ok(with_error(&back, "server_error", "unexpected_failure", text));
        };
        if person.banned {
            return Ok(with_error(
                &back,
                "access_denied",
                "user_banned",
                "User is banned",
            ));
        }
        let id = person.id.clone();
        let flow = &mut self.flows[at];
        flow.user = Some(id);
        let code = flow.code.clone();
        let mut url = parsed(&back);
        url.query_pairs_mut().append_pair("code", &code);
        Ok(url.into())
    }
}

/// An error stands in the query, and in the fragment once more.
fn with_error(back: &str, error: &str, code: &str, description: &str) -> String {
    let mut url = parsed(back);
    url.query_pairs_mut()
        .append_pair("error", error)
        .append_pair("error_code", code)
        .append_pair("error_description", description);
    url.set_fragment(Some(&format!("error={error}&error_code={code}&sb=")));
    url.into()
}

fn parsed(url: &str) -> Url {
    Url::parse(url).expect("a redirect that was allowed is a URL")
}
