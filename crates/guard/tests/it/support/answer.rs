use axum::body::Body;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use vestibule_protocol::{OAuthErrorCode, WwwAuthenticate};

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn challenge(&self) -> WwwAuthenticate {
        let header = self.headers.get(WWW_AUTHENTICATE).expect("a challenge");
        WwwAuthenticate::parse(header.to_str().unwrap()).expect("a Bearer challenge")
    }

    /// The DPoP challenge, in whichever of the headers it stands.
    pub(crate) fn dpop_challenge(&self) -> WwwAuthenticate {
        let mut headers = self.headers.get_all(WWW_AUTHENTICATE).iter();
        headers
            .find_map(|header| WwwAuthenticate::parse_dpop(header.to_str().unwrap()))
            .expect("a DPoP challenge")
    }

    /// Insists on the one challenge that somebody with a proof is answered with.
    #[track_caller]
    pub(crate) fn assert_refused_as(&self, error: OAuthErrorCode) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{self:?}");
        assert_eq!(self.headers.get_all(WWW_AUTHENTICATE).iter().count(), 1);
        assert_eq!(self.dpop_challenge().error, Some(error), "{self:?}");
        assert_eq!(self.body["error"], error.as_str());
    }

    #[track_caller]
    pub(crate) fn assert_admitted(&self) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
    }

    #[track_caller]
    pub(crate) fn assert_invalid_token(&self) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{self:?}");
        assert_eq!(self.challenge().error, Some(OAuthErrorCode::InvalidToken));
        assert_eq!(self.body["error"], "invalid_token");
    }
}
