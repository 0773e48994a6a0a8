//! What a person does on the pages.

use super::{Answer, Browser, Callback, Page, Upstream, Url, Visit, parse};

impl<'p> Visit<'p> {
    /// The answer that the person sees, or that sends them on.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The page that the person sees.
    pub fn page(&self) -> Page {
        self.answer.page()
    }

    /// The browser of the visit, for a second tab.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The PKCE verifier of the client.
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The `state` that the client sent.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Types a name and a password into the login page.
    #[must_use]
    pub fn log_in_as(self, name: &str, password: &str) -> Self {
        self.send("password", |form| {
            form.fill("username", name).fill("password", password)
        })
    }

    /// Goes where the broker sends the person, logs in there, and comes back.
    #[must_use]
    pub fn log_in_at(self, upstream: &impl Upstream, name: &str, password: &str) -> Self {
        let away = self.leaves_for();
        let back = upstream.log_in(&self.browser, &away, name, password);
        self.come_back(&back)
    }

    /// Logs in at a provider that has the browser post a form back.
    #[must_use]
    pub fn log_in_by_form(mut self, upstream: &impl Upstream, name: &str, password: &str) -> Self {
        let away = self.leaves_for();
        self.answer = upstream.log_in_by_form(&self.browser, &away, name, password);
        self
    }

    /// Where the broker sends the person.
    pub fn leaves_for(&self) -> Url {
        self.answer.location().unwrap_or_else(|| {
            panic!(
                "nobody is sent away from {}, but: {}",
                self.describe(),
                self.page().text()
            )
        })
    }

    /// Comes back to the broker by the address that an upstream sends the person to.
    #[must_use]
    pub fn come_back(mut self, to: &Url) -> Self {
        self.answer = self.browser.follow(self.browser.open(to.as_str()));
        self
    }

    /// Asks to be somebody else, on the consent page.
    #[must_use]
    pub fn switch_user(self) -> Self {
        self.send("action", |form| form.press("action", "switch_user"))
    }

    /// Allows all that the consent page offers.
    pub fn approve(self) -> Callback<'p> {
        self.send("decision", |form| form.press("decision", "approve"))
            .back()
    }

    /// Allows these scopes of those that the consent page offers.
    pub fn approve_only(self, scopes: &[&str]) -> Callback<'p> {
        let form = |form: crate::Form| form.tick_only("scope", scopes).press("decision", "approve");
        self.send("decision", form).back()
    }

    /// Refuses.
    pub fn deny(self) -> Callback<'p> {
        self.send("decision", |form| form.press("decision", "deny"))
            .back()
    }

    /// Sends the form that has a field or button of this name, as a person would after changing it.
    #[must_use]
    pub fn send(mut self, holding: &str, change: impl FnOnce(crate::Form) -> crate::Form) -> Self {
        let form = self.page().form_with(holding).unwrap_or_else(|| {
            panic!(
                "no form with {holding} at {}, but: {}",
                self.describe(),
                self.page().text()
            )
        });
        let sent = self.browser.submit(&self.answer, &change(form));
        self.answer = self.browser.follow(sent);
        self
    }

    /// Goes back to the client with the redirect that the broker answered.
    pub fn back(self) -> Callback<'p> {
        let redirect = self.answer.location().unwrap_or_else(|| {
            panic!(
                "no redirect from {}, but: {}",
                self.describe(),
                self.page().text()
            )
        });
        Callback {
            client: self.client,
            browser: self.browser,
            redirect,
            state: self.state,
            verifier: self.verifier,
        }
    }

    /// Copies the code from the page that shows it, and gives it to the client.
    pub fn copy_code(self) -> Callback<'p> {
        let shown = self
            .page()
            .shown_code()
            .unwrap_or_else(|| panic!("no code at {}, but: {}", self.describe(), self.page().text()));
        let mut redirect = parse(&self.client.flow.redirect_uri);
        redirect
            .query_pairs_mut()
            .append_pair("code", &shown)
            .append_pair("state", &self.state);
        Callback {
            client: self.client,
            browser: self.browser,
            redirect,
            state: self.state,
            verifier: self.verifier,
        }
    }

    fn describe(&self) -> String {
        format!("{} ({})", self.answer.url(), self.answer.status())
    }
}
