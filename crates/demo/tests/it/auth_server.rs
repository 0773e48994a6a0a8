use axum::{Json, Router, routing::get};
use serde_json::json;
use tokio::net::TcpListener;
use vestibule_guard::{Clock, SystemClock};
use vestibule_jose::{Algorithm, Jwks, SigningKey, TokenType};
use vestibule_protocol::Issuer;

pub(crate) const RESOURCE: &str = "http://localhost:3001/mcp";

/// A small authorization server on a port of its own.
pub(crate) struct AuthServer {
    pub(crate) issuer: Issuer,
    key: SigningKey,
}

impl AuthServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::from_pkcs8_pem(Algorithm::Es256, include_str!("key.pem")).unwrap();
        let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/oauth/keys") });
        let jwks = serde_json::to_value(Jwks::new(vec![key.public_jwk().clone()])).unwrap();
        let app = Router::new()
            .route(
                "/.well-known/oauth-authorization-server",
                get(async || Json(metadata)),
            )
            .route("/oauth/keys", get(async || Json(jwks)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let issuer = Issuer::parse(&issuer).unwrap();
        Self { issuer, key }
    }

    /// Logs a user in with these scopes.
    pub(crate) fn log_in(&self, user: &str, scopes: &str) -> String {
        self.token(user, scopes, 3600)
    }

    /// A token whose life is over.
    pub(crate) fn expired(&self, user: &str) -> String {
        self.token(user, "mcp:read", -3600)
    }

    fn token(&self, user: &str, scopes: &str, life: i64) -> String {
        let now = SystemClock.now().as_secs();
        let claims = json!({
            "iss": self.issuer,
            "sub": format!("local:{user}"),
            "aud": RESOURCE,
            "client_id": "test-client",
            "scope": scopes,
            "iat": now.min(now + life),
            "exp": now + life,
            "jti": format!("token-of-{user}"),
            "sid": format!("session-of-{user}"),
            "auth_time": now,
            "idp": "local",
        });
        self.key.sign(TokenType::AccessToken, &claims).unwrap()
    }
}
