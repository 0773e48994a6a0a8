//! A code forge that speaks OAuth 2.0 and tells who a token belongs to, but knows no OpenID Connect.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};
use vestibule_outbound::Outbound;
use vestibule_protocol::{CodeChallenge, CodeVerifier, ProviderId, Secret, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Identity, Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Sealed, Standing,
    UpstreamSession,
};

pub struct Forge {
    pub id: ProviderId,
    pub authorize: Url,
    pub token: Url,
    pub user: Url,
    pub client_id: String,
    pub client_secret: Secret,
    pub outbound: Outbound,
}

#[derive(Deserialize)]
struct Token {
    access_token: Secret,
}

#[derive(Deserialize)]
struct User {
    sub: String,
    name: Option<String>,
}

#[async_trait]
impl Provider for Forge {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &'static str {
        "Forge"
    }

    fn capabilities(&self) -> Capabilities {
        let nothing = Capabilities::default();
        Capabilities {
            recheck: true,
            ..nothing
        }
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        let verifier = CodeVerifier::parse(login.pkce_verifier.expose()).map_err(rejected)?;
        let mut url = self.authorize.clone();
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", login.callback_url.as_str()),
            ("state", &login.state),
            ("code_challenge", CodeChallenge::of(&verifier).as_str()),
            ("code_challenge_method", "S256"),
        ]);
        Ok(LoginStep::Redirect(url, Sealed::default()))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Callback(parameters) = reply else {
            return Err(rejected("users come back by a callback"));
        };
        let code = match (parameters.get("code"), parameters.get("error")) {
            (Some(code), None) => code,
            (_, Some(_)) => return Err(ProviderError::Denied("the forge said no".to_owned())),
            (None, None) => return Err(rejected("the callback has no code")),
        };
        let token = self.exchange(login, code).await?;
        let user = self
            .user(&token)
            .await?
            .ok_or_else(|| rejected("no such token"))?;
        let subject = Subject::of(&self.id, &user.sub).map_err(rejected)?;
        // The broker encrypts the token before any store sees it.
        let upstream = UpstreamSession::of(subject.clone(), Sealed::new(token.expose()));
        let mut identity = Identity::of(&self.id, subject, login.now);
        identity.name = user.name;
        identity.username = Some(user.sub);
        let mut login = Login::of(identity);
        login.upstream = Some(upstream);
        Ok(LoginStep::Done(Box::new(login)))
    }

    async fn recheck(&self, upstream: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        let token = Secret::new(String::from_utf8_lossy(upstream.kept.expose()));
        match self.user(&token).await? {
            Some(user) if user.sub == upstream.subject.upstream() => Ok(Standing::Good(upstream.clone())),
            _ => Ok(Standing::Gone("the token was withdrawn".to_owned())),
        }
    }
}

impl Forge {
    async fn exchange(&self, login: &LoginContext, code: &str) -> Result<Secret, ProviderError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose())
            .append_pair("redirect_uri", login.callback_url.as_str())
            .append_pair("code_verifier", login.pkce_verifier.expose())
            .append_pair("code", code)
            .finish();
        let request = Request::post(self.token.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let token: Option<Token> = self.ask(request.body(form.into())).await?;
        let token = token.ok_or_else(|| rejected("no such code, or a wrong secret"))?;
        Ok(token.access_token)
    }

    /// Whose token it is; nobody's is an answer too.
    async fn user(&self, token: &Secret) -> Result<Option<User>, ProviderError> {
        let bearer = format!("Bearer {}", token.expose());
        let request = Request::get(self.user.as_str()).header(header::AUTHORIZATION, bearer);
        self.ask(request.body(Bytes::new())).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: http::Result<Request<Bytes>>,
    ) -> Result<Option<T>, ProviderError> {
        let unavailable = |text: String| ProviderError::Unavailable(text);
        let answer = self.outbound.send(request.map_err(rejected)?).await;
        let answer = answer.map_err(|error| unavailable(error.to_string()))?;
        match answer.status() {
            StatusCode::OK => serde_json::from_slice(answer.body())
                .map_err(|_| unavailable("the forge's answer cannot be read".to_owned())),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Ok(None),
            status => Err(unavailable(format!("the forge answered with {status}"))),
        }
    }
}

fn rejected(cause: impl ToString) -> ProviderError {
    ProviderError::Rejected(cause.to_string())
}
