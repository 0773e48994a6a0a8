//! The project's OAuth server: metadata, the authorization request, codes and refresh tokens, userinfo.

use axum::Json;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::authorize::Query;
use super::error::{ApiError, Said};
use super::key::Signing;
use super::mint::now;
use super::world::{World, uuid};

/// The scopes that there are; another one is an error.
const SCOPES: [&str; 5] = ["openid", "profile", "email", "phone", "offline_access"];

/// A client of the OAuth server.
#[derive(Debug, Clone)]
pub(super) struct OAuthClient {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) redirect_uri: String,
    /// How it was registered to prove who it is; another way is refused.
    pub(super) method: ClientMethod,
}

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMethod {
    /// With its secret in the `Authorization` header.
    Basic,
    /// With its secret in the form.
    Post,
    /// Not at all.
    None,
}

/// A request that came to authorize, and then the code that it led to.
#[derive(Debug)]
pub(super) struct Authorization {
    pub(super) id: String,
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) scope: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    /// Who looked at it; nobody else may decide.
    pub(super) user: Option<String>,
    /// What was decided on it, once it was allowed.
    pub(super) code: Option<String>,
}

impl World {
    pub(super) fn register_oauth_client(
        &mut self,
        redirect_uri: &str,
        method: ClientMethod,
    ) -> (String, String) {
        let (id, secret) = (uuid(), uuid());
        self.oauth_client = Some(OAuthClient {
            id: id.clone(),
            secret: secret.clone(),
            redirect_uri: redirect_uri.to_owned(),
            method,
        });
        (id, secret)
    }

    /// The metadata of RFC 8414, served only where the server is switched on.
    pub(super) fn oauth_metadata(&self) -> Said {
        match self.oauth_client {
            Some(_) => Ok(self.openid_metadata()),
            None => Err(ApiError::new(404, "feature_disabled", "OAuth server is disabled")),
        }
    }

    /// The metadata of OpenID Connect, served whether or not the server is switched on.
    pub(super) fn openid_metadata(&self) -> Value {
        let below = |path: &str| format!("{}/{path}", self.base);
        json!({
            "issuer": self.base,
            "authorization_endpoint": below("oauth/authorize"),
            "token_endpoint": below("oauth/token"),
            "jwks_uri": below(".well-known/jwks.json"),
            "userinfo_endpoint": below("oauth/userinfo"),
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "claims_supported": ["sub", "aud", "iss", "exp", "iat", "auth_time", "nonce", "email", "email_verified"],
            "code_challenge_methods_supported": ["S256", "plain"],
        })
    }

    /// Where the browser goes that came to authorize.
    pub(super) fn oauth_authorize(&mut self, query: &Query) -> Result<String, ApiError> {
        let part = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let client = self.oauth_client.as_ref();
        let client = client.filter(|client| client.id == part("client_id"));
        let client = client.ok_or(ApiError::new(400, "oauth_client_not_found", "invalid client_id"))?;
        if client.redirect_uri != part("redirect_uri") {
            return Err(ApiError::validation("invalid redirect_uri"));
        }
        let redirect_uri = client.redirect_uri.clone();
        let known = |scope: &str| SCOPES.contains(&scope);
        let proper = part("response_type") == "code"
            && part("code_challenge_method").eq_ignore_ascii_case("s256")
            && (43..=128).contains(&part("code_challenge").len())
            && part("scope").split(' ').all(known);
        if !proper {
            return Ok(with_error(
                &redirect_uri,
                "invalid_request",
                "a parameter is wrong",
                part("state"),
            ));
        }
        let id = uuid();
        let page = format!(
            "{}/consent?authorization_id={id}",
            self.base.trim_end_matches("/auth/v1")
        );
        self.authorizations.push(Authorization {
            id,
            client: part("client_id").to_owned(),
            redirect_uri,
            state: part("state").to_owned(),
            scope: part("scope").to_owned(),
            challenge: part("code_challenge").to_owned(),
            nonce: query.get("nonce").cloned(),
            user: None,
            code: None,
        });
        Ok(page)
    }

    /// `POST /oauth/token`.
    pub(super) fn oauth_token(&mut self, headers: &HeaderMap, form: &Query) -> Result<Value, OAuthError> {
        let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if !self.knows_client(headers, form) {
            return Err(OAuthError::of("invalid_client"));
        }
        match part("grant_type") {
            "authorization_code" => self.redeem(form),
            // A refresh brings no ID token, and refuses in the words of the API.
            "refresh_token" => {
                let token = part("refresh_token");
                if self.is_of_client(token) == Some(false) {
                    return Err(OAuthError::of("invalid_client"));
                }
                Ok(for_client(&self.refresh(token)?))
            }
            _ => Err(OAuthError::of("unsupported_grant_type")),
        }
    }

    fn redeem(&mut self, form: &Query) -> Result<Value, OAuthError> {
        let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let issued = |known: &Authorization| known.code.as_deref().is_some_and(|code| code == part("code"));
        let at = self.authorizations.iter().position(issued);
        let at = at.ok_or(OAuthError::of("invalid_grant"))?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(part("code_verifier")));
        let asked = &self.authorizations[at];
        if asked.challenge != challenge || asked.redirect_uri != part("redirect_uri") {
            return Err(OAuthError::of("invalid_grant"));
        }
        let user = asked.user.clone().ok_or(OAuthError::of("invalid_grant"))?;
        if self.person_by_id(&user)?.banned {
            return Err(OAuthError::of("access_denied"));
        }
        let asked = self.authorizations.remove(at);
        let mut answer = for_client(&self.open_for_client(&user)?);
        if asked.scope.split(' ').any(|scope| scope == "openid") {
            answer["id_token"] = json!(self.id_token(&asked, &user)?);
        }
        Ok(answer)
    }

    /// The client's secret, as it stands and not form-decoded.
    fn knows_client(&self, headers: &HeaderMap, form: &Query) -> bool {
        let Some(client) = &self.oauth_client else {
            return false;
        };
        let basic = format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", client.id, client.secret))
        );
        let header = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let posted = |name: &str| form.get(name).map(String::as_str);
        match client.method {
            ClientMethod::Basic => header == Some(basic.as_bytes()),
            ClientMethod::Post => {
                header.is_none()
                    && posted("client_id") == Some(&client.id)
                    && posted("client_secret") == Some(&client.secret)
            }
            ClientMethod::None => {
                header.is_none()
                    && posted("client_id") == Some(&client.id)
                    && posted("client_secret").is_none()
            }
        }
    }

    /// Its `auth_time` is the moment at which the code was redeemed, whenever the user signed in.
    fn id_token(&self, asked: &Authorization, user: &str) -> Result<String, ApiError> {
        if self.signing != Signing::Es256 {
            return Err(ApiError::new(
                500,
                "unexpected_failure",
                "error generating id token",
            ));
        }
        let person = self.person_by_id(user)?;
        let mut claims = json!({
            "iss": self.base, "sub": person.id, "aud": [asked.client], "client_id": asked.client, "exp": now() + 3600, "iat": now(), "auth_time": now(),
            "email": person.email, "email_verified": person.confirmed, "phone_number_verified": false,
        });
        if let Some(nonce) = &asked.nonce {
            claims["nonce"] = json!(nonce);
        }
        Ok(self.signed(&claims))
    }

    pub(super) fn userinfo(&self, headers: &HeaderMap) -> Said {
        let session = self.authenticate(headers)?;
        let person = self.person_by_id(&session.user)?;
        Ok(json!({"sub": person.id, "email": person.email, "email_verified": person.confirmed}))
    }
}

/// A session as clients are told of it: without its user.
fn for_client(session: &Value) -> Value {
    json!({
        "access_token": session["access_token"],
        "token_type": session["token_type"],
        "expires_in": session["expires_in"],
        "refresh_token": session["refresh_token"],
    })
}

/// Back to the client with an error.
pub(super) fn with_error(redirect_uri: &str, error: &str, description: &str, state: &str) -> String {
    let mut back = Url::parse(redirect_uri).expect("a redirect URI is a URL");
    back.query_pairs_mut()
        .append_pair("error", error)
        .append_pair("error_description", description)
        .append_pair("state", state);
    back.into()
}

/// What the token endpoint says instead of yes: an error of OAuth, or one of the API.
#[derive(Debug)]
pub(super) enum OAuthError {
    OAuth(&'static str),
    Api(ApiError),
}

impl OAuthError {
    fn of(code: &'static str) -> Self {
        Self::OAuth(code)
    }
}

impl From<ApiError> for OAuthError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl OAuthError {
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        match self {
            Self::OAuth(code) => (StatusCode::BAD_REQUEST, Json(json!({"error": code}))).into_response(),
            Self::Api(error) => error.answer(headers),
        }
    }
}
