//! The project's OAuth server: code with PKCE, refresh, userinfo. The page on which people consent is the operator's to build;
//! here whoever the social provider would sign in consents at once.

use axum::Json;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
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
use super::world::{Social, World, uuid};

/// The scopes that there are; another one is an error.
const SCOPES: [&str; 5] = ["openid", "profile", "email", "phone", "offline_access"];

/// A client of the OAuth server.
#[derive(Debug, Clone)]
pub(super) struct OAuthClient {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) redirect_uri: String,
}

/// A code on its way.
#[derive(Debug)]
pub(super) struct Grant {
    code: String,
    user: String,
    challenge: String,
    nonce: Option<String>,
    redirect_uri: String,
    openid: bool,
}

impl World {
    pub(super) fn register_oauth_client(&mut self, redirect_uri: &str) -> (String, String) {
        let (id, secret) = (uuid(), uuid());
        self.oauth_client = Some(OAuthClient {
            id: id.clone(),
            secret: secret.clone(),
            redirect_uri: redirect_uri.to_owned(),
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
        let mut back = Url::parse(&client.redirect_uri).expect("a redirect URI is a URL");
        let redirect_uri = client.redirect_uri.clone();
        back.query_pairs_mut().append_pair("state", part("state"));
        let known = |scope: &str| SCOPES.contains(&scope);
        let proper = part("response_type") == "code"
            && part("code_challenge_method").eq_ignore_ascii_case("s256")
            && part("code_challenge").len() >= 43
            && part("scope").split(' ').all(known);
        if !proper {
            back.query_pairs_mut().append_pair("error", "invalid_request");
            return Ok(back.into());
        }
        let Social::SignsIn(email) = self.social.clone() else {
            back.query_pairs_mut().append_pair("error", "access_denied");
            return Ok(back.into());
        };
        let user = self.person(&email).map(|person| person.id.clone());
        let code = uuid();
        self.grants.push(Grant {
            code: code.clone(),
            user: user.expect("the person has signed up"),
            challenge: part("code_challenge").to_owned(),
            nonce: query.get("nonce").cloned(),
            redirect_uri,
            openid: part("scope").split(' ').any(|scope| scope == "openid"),
        });
        back.query_pairs_mut().append_pair("code", &code);
        Ok(back.into())
    }

    /// `POST /oauth/token`.
    pub(super) fn oauth_token(&mut self, headers: &HeaderMap, form: &Query) -> Result<Value, OAuthError> {
        let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if !self.knows_client(headers, form) {
            return Err(OAuthError::of("invalid_client"));
        }
        match part("grant_type") {
            "authorization_code" => {
                let at = self.grants.iter().position(|grant| grant.code == part("code"));
                let grant = self.grants.remove(at.ok_or(OAuthError::of("invalid_grant"))?);
                let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(part("code_verifier")));
                if grant.challenge != challenge || grant.redirect_uri != part("redirect_uri") {
                    return Err(OAuthError::of("invalid_grant"));
                }
                let mut answer = self.open(&grant.user, "oauth")?;
                if grant.openid {
                    answer["id_token"] = json!(self.id_token(&grant)?);
                }
                Ok(answer)
            }
            // A refresh brings no ID token, and refuses in the words of the API.
            "refresh_token" => Ok(self.refresh(part("refresh_token"))?),
            _ => Err(OAuthError::of("unsupported_grant_type")),
        }
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
        let by_header = headers
            .get(AUTHORIZATION)
            .is_some_and(|value| value.as_bytes() == basic.as_bytes());
        let by_form =
            form.get("client_id") == Some(&client.id) && form.get("client_secret") == Some(&client.secret);
        by_header || by_form
    }

    fn id_token(&self, grant: &Grant) -> Result<String, ApiError> {
        if self.signing != Signing::Es256 {
            return Err(ApiError::new(
                500,
                "unexpected_failure",
                "error generating id token",
            ));
        }
        let person = self.person_by_id(&grant.user)?;
        let client = self.oauth_client.as_ref().map(|client| client.id.clone());
        let mut claims = json!({
            "iss": self.base, "sub": person.id, "aud": client, "exp": now() + 3600, "iat": now(), "auth_time": now(),
            "email": person.email, "email_verified": person.confirmed, "phone_number_verified": false,
        });
        if let Some(nonce) = &grant.nonce {
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
