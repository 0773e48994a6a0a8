//! The other end: what a command asks a running broker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{anyhow, bail};
use serde::de::DeserializeOwned;
use url::Url;

/// How long a question may take.
const QUESTION: Duration = Duration::from_secs(10);

/// How long an action may take: a client may have many sessions to end.
const ACTION: Duration = Duration::from_secs(15 * 60);

/// Asks a running broker.
pub(crate) struct OperatorClient {
    http: reqwest::Client,
    socket: PathBuf,
}

impl OperatorClient {
    /// A client of the broker behind `socket`.
    pub(crate) fn new(socket: &Path) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .unix_socket(socket)
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            socket: socket.to_owned(),
        })
    }

    /// Reads.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let request = self.http.get(url(path, query)?);
        self.answer(request.timeout(QUESTION)).await
    }

    /// Acts.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let request = self.http.post(url(path, query)?);
        self.answer(request.timeout(ACTION)).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let response = request.send().await.map_err(|error| {
            anyhow!(
                "no broker answers on {}; is it running? Name its socket with --socket or its configuration with --config ({error})",
                self.socket.display()
            )
        })?;
        if !response.status().is_success() {
            bail!("the broker refused: {}", response.text().await?);
        }
        Ok(serde_json::from_slice(&response.bytes().await?)?)
    }
}

fn url(path: &str, query: &[(&str, &str)]) -> anyhow::Result<Url> {
    Ok(Url::parse_with_params(&format!("http://operators{path}"), query)?)
}
