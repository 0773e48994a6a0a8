use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::any;
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use vestibule_protocol::ResourceUri;

use crate::cors::{Origins, answer_preflight};
use crate::issuer_metadata::IssuerMetadata;

const WELL_KNOWN: &str = "/.well-known/";
const PROTECTED_RESOURCE: &str = "oauth-protected-resource";
const AUTHORIZATION_SERVER: &str = "oauth-authorization-server";
/// What clients look for beside those two.
const OPENID: [&str; 2] = ["openid-configuration", "openid_configuration"];

/// The well-known documents of an MCP server.
///
/// Every form that a client tries gets JSON or a plain 404, and never a 401: some clients give up at that.
#[derive(Clone)]
pub(crate) struct Documents {
    /// The server's path, without a slash at the end.
    path: String,
    protected_resource: Bytes,
    mirrored: Option<Arc<IssuerMetadata>>,
}

/// A well-known document that a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    ProtectedResource,
    AuthorizationServer,
    Nothing,
}

impl Documents {
    pub(crate) fn new(
        resource: &ResourceUri,
        protected_resource: Bytes,
        mirrored: Option<Arc<IssuerMetadata>>,
    ) -> Self {
        Self {
            path: resource.url().path().trim_end_matches('/').to_owned(),
            protected_resource,
            mirrored,
        }
    }

    /// Answers a request for a discovery document; `None` when the request is for something else.
    pub(crate) async fn answer(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        let wanted = self.wanted(path)?;
        let mut answer = match *method {
            Method::GET | Method::HEAD => self.document(&wanted).await,
            Method::OPTIONS => answer_preflight(),
            _ => method_not_allowed(),
        };
        Origins::Any.let_read(None, answer.headers_mut());
        Some(answer)
    }

    /// Returns the routes of the documents, to be merged into a router outside the guard's layer.
    pub(crate) fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let mut names = vec![PROTECTED_RESOURCE];
        if self.mirrored.is_some() {
            names.push(AUTHORIZATION_SERVER);
        }
        let forms = names.into_iter().flat_map(|name| {
            let root = format!("{WELL_KNOWN}{name}");
            let inserted = format!("{root}{}", self.path);
            let slashed = format!("{inserted}/");
            let appended = format!("{}{root}", self.path);
            if self.path.is_empty() {
                vec![root]
            } else {
                vec![root, inserted, slashed, appended]
            }
        });
        let router = Router::new().without_v07_checks();
        forms
            .fold(router, |router, path| router.route(&path, any(serve)))
            .with_state(self.clone())
    }

    /// RFC 9728 §3.1 inserts the well-known part between host and path; clients also try it without the path, and behind it.
    fn wanted(&self, path: &str) -> Option<Wanted> {
        let (before, after) = path.split_once(WELL_KNOWN)?;
        let (name, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
        let rest = rest.trim_end_matches('/');
        let known = name == PROTECTED_RESOURCE || name == AUTHORIZATION_SERVER || OPENID.contains(&name);
        let is_ours = match (before, rest) {
            ("", rest) => rest.is_empty() || rest == self.path,
            (before, "") => before == self.path,
            _ => false,
        };
        known.then_some(match name {
            PROTECTED_RESOURCE if is_ours => Wanted::ProtectedResource,
            AUTHORIZATION_SERVER if is_ours => Wanted::AuthorizationServer,
            _ => Wanted::Nothing,
        })
    }

    async fn document(&self, wanted: &Wanted) -> Response<Body> {
        let document = match (wanted, &self.mirrored) {
            (Wanted::ProtectedResource, _) => Some(self.protected_resource.clone()),
            (Wanted::AuthorizationServer, Some(issuer)) => issuer
                .find()
                .await
                .ok()
                .map(|described| described.document.clone()),
            (Wanted::AuthorizationServer, None) | (Wanted::Nothing, _) => None,
        };
        let Some(document) = document else {
            return status(StatusCode::NOT_FOUND);
        };
        let mut response = Response::new(Body::from(document));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    }
}

async fn serve(State(documents): State<Documents>, request: Request) -> Response<Body> {
    let answer = documents.answer(request.method(), request.uri().path()).await;
    answer.unwrap_or_else(|| status(StatusCode::NOT_FOUND))
}

fn method_not_allowed() -> Response<Body> {
    let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
