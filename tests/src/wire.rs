//! The one runtime and the one HTTP client that every driver sends through.

use std::future::Future;
use std::sync::LazyLock;

use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinHandle};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime starts"));

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client without certificates builds")
});

/// Runs a future to its end on the drivers' runtime, so that a test reads from top to bottom.
pub fn wait_for<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

/// Starts a server on the drivers' runtime.
pub(crate) fn spawn(server: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    RUNTIME.spawn(server).abort_handle()
}

/// Starts work on the drivers' runtime, to be waited for later.
pub(crate) fn spawn_task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    RUNTIME.spawn(work)
}

/// The client that follows no redirect and keeps no cookie by itself.
pub(crate) fn client() -> &'static reqwest::Client {
    &CLIENT
}

/// Puts form data into a request's body.
pub(crate) fn with_form(request: RequestBuilder, data: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(data)
        .finish();
    request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)
}
