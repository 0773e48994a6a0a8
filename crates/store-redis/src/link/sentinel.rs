//! Asking sentinels where the master is.

use futures_util::future::select_ok;
use redis::RedisError;

use super::dial::{CONNECT, Dialler};
use crate::address::Host;
use crate::error::Trouble;

/// The sentinels, and what they call the master.
pub(crate) struct Sentinels {
    dialler: Dialler,
    hosts: Vec<Host>,
    master: String,
}

impl Sentinels {
    /// The dialler has what the sentinels themselves ask for, not what the master does.
    pub(super) fn new(dialler: Dialler, hosts: Vec<Host>, master: String) -> Self {
        Self {
            dialler,
            hosts,
            master,
        }
    }

    /// Where the master is: what the first sentinel says that knows.
    pub(super) async fn master(&self) -> Result<Host, Trouble> {
        let nobody = |cause: String| Trouble::NoSentinel {
            name: self.master.clone(),
            cause,
        };
        let asked: Vec<_> = self.hosts.iter().map(|host| Box::pin(self.ask(host))).collect();
        if asked.is_empty() {
            return Err(nobody("there are no sentinels".to_owned()));
        }
        let first = tokio::time::timeout(CONNECT, select_ok(asked)).await;
        match first {
            Ok(Ok((host, _))) => Ok(host),
            Ok(Err(cause)) => Err(nobody(cause)),
            Err(_) => Err(nobody("no answer in time".to_owned())),
        }
    }

    async fn ask(&self, sentinel: &Host) -> Result<Host, String> {
        let failed = |error: RedisError| format!("{sentinel}: {error}");
        let (lost, _) = tokio::sync::mpsc::unbounded_channel();
        let mut connection = self.dialler.dial(sentinel, lost).await.map_err(failed)?;
        let address: Option<(String, u16)> = redis::cmd("SENTINEL")
            .arg("GET-MASTER-ADDR-BY-NAME")
            .arg(&self.master)
            .query_async(&mut connection)
            .await
            .map_err(failed)?;
        let (name, port) = address.ok_or_else(|| format!("{sentinel} does not know it"))?;
        Ok(Host { name, port })
    }
}
