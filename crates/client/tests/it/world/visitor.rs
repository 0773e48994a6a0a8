use std::io;
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use url::Url;
use vestibule_client::Interaction;
use vestibule_protocol::Secret;

/// A person who does what the client says, at once.
#[derive(Clone, Default)]
pub(crate) struct Visitor {
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    messages: Vec<String>,
    opened: Vec<Url>,
    last_page: String,
    stays_away: bool,
    strays: bool,
    strayed: Vec<StatusCode>,
}

impl Visitor {
    /// From now on the person closes every tab.
    pub(crate) fn stay_away(&self) {
        self.heard.lock().unwrap().stays_away = true;
    }

    /// From now on somebody knocks at the client's door beside the person.
    pub(crate) fn stray(&self) {
        self.heard.lock().unwrap().strays = true;
    }

    /// What those who knocked were answered.
    pub(crate) fn strayed(&self) -> Vec<StatusCode> {
        self.heard.lock().unwrap().strayed.clone()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.heard.lock().unwrap().messages.clone()
    }

    /// The page on which the browser came to rest.
    pub(crate) fn last_page(&self) -> String {
        self.heard.lock().unwrap().last_page.clone()
    }

    /// The authorization requests that the browser was sent with.
    pub(crate) fn opened(&self) -> Vec<Url> {
        self.heard.lock().unwrap().opened.clone()
    }

    /// The value of `name` in the last authorization request.
    pub(crate) fn asked(&self, name: &str) -> Option<String> {
        let url = self.opened().pop()?;
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    async fn browse(&self, url: &Url) {
        self.heard.lock().unwrap().opened.push(url.clone());
        let browser = reqwest::Client::builder().no_proxy().build().unwrap();
        if self.heard.lock().unwrap().strays {
            let door = self.asked("redirect_uri").unwrap();
            for place in [door.replace("/callback", "/other?code=stolen&state=x"), door] {
                let answer = browser.get(place).send().await.unwrap();
                self.heard.lock().unwrap().strayed.push(answer.status());
            }
        }
        let page = browser
            .get(url.clone())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        self.heard.lock().unwrap().last_page = page;
    }
}

impl Interaction for Visitor {
    async fn open_url(&self, url: &Url) {
        if !self.heard.lock().unwrap().stays_away {
            self.browse(url).await;
        }
    }

    fn show(&self, message: &str) {
        self.heard.lock().unwrap().messages.push(message.to_owned());
    }

    async fn ask_code(&self) -> io::Result<Secret> {
        let shown = self.messages().pop().unwrap();
        let url = shown
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        self.browse(&Url::parse(url).unwrap()).await;
        Ok(Secret::new(format!("  {}\n", self.last_page())))
    }
}
