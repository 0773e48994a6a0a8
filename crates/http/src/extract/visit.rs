//! A browser before a page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use http::request::Parts;
use vestibule_broker::Browser;
use vestibule_protocol::Params;

use super::body;
use super::media_type::Shape;
use crate::caller::{Caller, Callers};
use crate::failure::{PageFailure, Problem};
use crate::respond::Cookies;

/// A browser, with the cookies that it presents.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) Browser);

/// A browser that sends a form.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) browser: Browser,
    pub(crate) params: Params,
}

/// A browser whose address carries parameters.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) params: Params,
}

impl<S> FromRequestParts<S> for Visitor
where
    S: Sync,
    Arc<Cookies>: FromRef<S>,
    Arc<Callers>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(browser(parts, state)))
    }
}

impl<S> FromRequestParts<S> for Visit
where
    S: Sync,
    Arc<Cookies>: FromRef<S>,
    Arc<Callers>: FromRef<S>,
{
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageFailure> {
        let browser = browser(parts, state);
        let params = Params::parse_query(parts.uri.query().unwrap_or_default())?;
        Ok(Self { browser, params })
    }
}

impl<S> FromRequest<S> for Submission
where
    S: Sync,
    Arc<Cookies>: FromRef<S>,
    Arc<Callers>: FromRef<S>,
{
    type Rejection = PageFailure;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageFailure> {
        let (parts, body) = request.into_parts();
        let browser = browser(&parts, state);
        let body = body::read(body).await?;
        match Shape::of(&parts.headers, &body) {
            Some(Shape::Form) => Ok(Self {
                browser,
                params: Params::parse_form(&body)?,
            }),
            Some(Shape::Json) | None => Err(Problem::malformed(
                "What was sent is not a form (application/x-www-form-urlencoded).",
            )
            .into()),
        }
    }
}

/// The browser of a request, with its cookies and its address.
fn browser<S>(parts: &Parts, state: &S) -> Browser
where
    Arc<Cookies>: FromRef<S>,
    Arc<Callers>: FromRef<S>,
{
    let Caller(address) = Caller::of(parts, state);
    Browser {
        address,
        ..Arc::<Cookies>::from_ref(state).read(&parts.headers)
    }
}

impl From<body::BodyError> for Problem {
    fn from(error: body::BodyError) -> Self {
        Self {
            status: error.status(),
            ..Self::malformed(error.sentence())
        }
    }
}
