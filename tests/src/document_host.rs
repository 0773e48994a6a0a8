//! A host of client metadata documents, on this computer.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::wire::{spawn, wait_for};

type Documents = BTreeMap<String, String>;

/// A host that serves JSON, ended when it is dropped.
#[derive(Debug)]
pub struct DocumentHost {
    origin: String,
    server: AbortHandle,
}

impl DocumentHost {
    /// Serves the documents that are made for its origin, each at its path.
    pub fn serve(documents: impl FnOnce(&str) -> Vec<(&'static str, String)>) -> Self {
        let listener = wait_for(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let origin = format!("http://{address}");
        let documents: Documents = documents(&origin)
            .into_iter()
            .map(|(path, document)| (path.to_owned(), document))
            .collect();
        let router = Router::new().fallback(answer).with_state(Arc::new(documents));
        let server = spawn(async move {
            axum::serve(listener, router).await.expect("the host serves");
        });
        Self { origin, server }
    }

    /// The address of a document.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for DocumentHost {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(documents): State<Arc<Documents>>, uri: Uri) -> Response {
    match documents.get(uri.path()) {
        Some(document) => ([(header::CONTENT_TYPE, "application/json")], document.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
