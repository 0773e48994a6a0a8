//! What the client does with what comes back.

use super::{
    Answer, Browser, Callback, Client, Engine, Tokens, URL_SAFE_NO_PAD, Url, Value, client, json, parse,
};

impl<'p> Callback<'p> {
    /// The redirect as it came.
    pub fn redirect(&self) -> &Url {
        &self.redirect
    }

    /// The browser of the visit, which is logged in from now on.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The client that was called back.
    pub fn client(&self) -> &Client<'p> {
        &self.client
    }

    /// A parameter of the redirect.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.redirect.query_pairs();
        pairs.find_map(|(of, value)| (of == name).then(|| value.into_owned()))
    }

    /// The `error` of the redirect.
    pub fn error(&self) -> Option<String> {
        self.parameter("error")
    }

    /// The code, which a client takes only beside its own `state`.
    pub fn code(&self) -> String {
        assert_eq!(
            self.parameter("state").as_deref(),
            Some(self.state.as_str()),
            "{}",
            self.redirect
        );
        self.parameter("code")
            .unwrap_or_else(|| panic!("no code in {}", self.redirect))
    }

    /// Redeems the code.
    pub fn redeem(&self) -> Tokens<'p> {
        let answer = self.try_redeem(&[]);
        assert_eq!(answer.status(), 200, "the token endpoint: {}", answer.body());
        Tokens {
            client: self.client.clone(),
            body: answer.json(),
        }
    }

    /// Redeems the code with these parameters in place of the right ones, whatever comes of it.
    pub fn try_redeem(&self, changes: &[(&str, &str)]) -> Answer {
        let code = self.code();
        let resource = self
            .client
            .flow
            .request
            .iter()
            .filter(|(name, _)| name == "resource");
        let mut data = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.client.flow.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        data.extend(resource.map(|(name, value)| (name.as_str(), value.as_str())));
        data.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        data.extend(changes);
        self.client.post("/oauth/token", &data)
    }
}

impl<'p> Tokens<'p> {
    /// The client that they were issued to.
    pub fn client(&self) -> &Client<'p> {
        &self.client
    }

    /// The whole answer of the token endpoint.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// A member of the answer that is text.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    /// The access token.
    pub fn access_token(&self) -> &str {
        self.required("access_token")
    }

    /// The refresh token.
    pub fn refresh_token(&self) -> &str {
        self.required("refresh_token")
    }

    /// The scopes that were granted, space-separated.
    pub fn scope(&self) -> &str {
        self.required("scope")
    }

    /// The claims of the access token, unverified.
    pub fn claims(&self) -> Value {
        self.part(1)
    }

    /// The header of the access token.
    pub fn header(&self) -> Value {
        self.part(0)
    }

    fn part(&self, index: usize) -> Value {
        let part = self.access_token().split('.').nth(index);
        let bytes = part.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let json = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        json.unwrap_or_else(|| panic!("not a JWT: {}", self.access_token()))
    }

    /// Refreshes, as the client does.
    #[must_use]
    pub fn refresh(&self) -> Self {
        let answer = self.try_refresh();
        assert_eq!(answer.status(), 200, "the token endpoint: {}", answer.body());
        self.renewed(&answer)
    }

    /// The tokens of this answer, in place of these.
    #[must_use]
    pub fn renewed(&self, answer: &Answer) -> Self {
        Self {
            client: self.client.clone(),
            body: answer.json(),
        }
    }

    /// Refreshes, whatever comes of it.
    pub fn try_refresh(&self) -> Answer {
        let token = self.refresh_token();
        let data = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.client.post("/oauth/token", &data)
    }

    /// Revokes a token, as the client does.
    pub fn revoke(&self, token: &str) -> Answer {
        self.client.post("/oauth/revoke", &[("token", token)])
    }

    /// Posts one JSON-RPC message to the MCP server with the access token.
    pub fn call(&self, method: &str, params: &Value) -> Answer {
        let url = self.client.flow.program.mcp();
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = client()
            .post(url)
            .bearer_auth(self.access_token())
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .json(&message);
        Answer::of(request, parse(url))
    }

    fn required(&self, name: &str) -> &str {
        self.member(name)
            .unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }
}
