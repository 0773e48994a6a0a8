//! A call of an endpoint for programs.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use vestibule_protocol::Params;

use super::authorization::{authorization, bearer};
use super::body;
use super::media_type::Shape;
use crate::failure::Refusal;

/// Parameters in the body, and who says that they sent them.
pub(crate) struct Call {
    pub(crate) authorization: Option<String>,
    pub(crate) params: Params,
}

/// A document in the body, and the token that came with it.
pub(crate) struct Document {
    pub(crate) bearer: Option<String>,
    pub(crate) body: Bytes,
}

impl<S: Sync> FromRequest<S> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let authorization = authorization(request.headers())?;
        let (parts, body) = request.into_parts();
        let body = body::read(body).await?;
        let params = match Shape::of(&parts.headers, &body) {
            Some(Shape::Form) => Params::parse_form(&body)?,
            Some(Shape::Json) => Params::parse_json(&body)?,
            None => {
                return Err(Refusal::invalid_request(
                    "Send the parameters as application/x-www-form-urlencoded (or as application/json).",
                ));
            }
        };
        Ok(Self {
            authorization,
            params,
        })
    }
}

impl<S: Sync> FromRequest<S> for Document {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let bearer = authorization(request.headers())?
            .as_deref()
            .and_then(bearer)
            .map(str::to_owned);
        let body = body::read(request.into_body()).await?;
        Ok(Self { bearer, body })
    }
}

impl From<body::BodyError> for Refusal {
    fn from(error: body::BodyError) -> Self {
        Self {
            status: error.status(),
            ..Self::invalid_request(error.sentence())
        }
    }
}
