//! The servers of a cluster, and which of them has which keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use redis::{RedisError, Value};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::dial::{CONNECT, Dialler};
use super::server::{Place, Server};
use crate::address::Host;
use crate::error::Trouble;

/// How long to wait between two looks at who has what, while somebody is away.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of asking who has what.
type Looked = Option<Result<(), Trouble>>;

/// A cluster.
pub(crate) struct Cluster {
    inner: Arc<Inner>,
    /// What came of the last look at who has what; nothing before the first.
    looked: watch::Receiver<Looked>,
}

struct Inner {
    dialler: Arc<Dialler>,
    seeds: Vec<Host>,
    servers: Mutex<HashMap<Host, Arc<Server>>>,
    owners: RwLock<Owners>,
    doubt: Notify,
}

/// Who has which slots; ranges in ascending order.
#[derive(Default)]
struct Owners(Vec<(u16, u16, Host)>);

impl Owners {
    fn of(&self, slot: u16) -> Option<&Host> {
        let behind = self.0.partition_point(|(first, ..)| *first <= slot);
        let (_, last, host) = self.0.get(behind.checked_sub(1)?)?;
        (slot <= *last).then_some(host)
    }

    /// Reads one range of the answer to `CLUSTER SLOTS` that the server at `asked` gave: its ends, its master, the replicas.
    fn range(asked: &Host, range: &[Value]) -> Option<(u16, u16, Host)> {
        let [from, until, Value::Array(master), ..] = range else {
            return None;
        };
        let [name, port, ..] = master.as_slice() else {
            return None;
        };
        let name: Option<String> = redis::from_redis_value_ref(name).ok()?;
        // A server that does not know its own name means itself.
        let name = name.filter(|name| !name.is_empty() && name != "?");
        let host = Host {
            name: name.unwrap_or_else(|| asked.name.clone()),
            port: redis::from_redis_value_ref(port).ok()?,
        };
        let from = redis::from_redis_value_ref(from).ok()?;
        let until = redis::from_redis_value_ref(until).ok()?;
        Some((from, until, host))
    }
}

impl Cluster {
    pub(super) fn open(dialler: Arc<Dialler>, seeds: Vec<Host>) -> Self {
        let inner = Arc::new(Inner {
            dialler,
            seeds,
            servers: Mutex::default(),
            owners: RwLock::default(),
            doubt: Notify::new(),
        });
        let (sender, looked) = watch::channel(None);
        tokio::spawn(explore(Arc::downgrade(&inner), sender));
        Self { inner, looked }
    }

    /// The server that has the slot.
    pub(super) async fn owner(&self, slot: u16) -> Result<Arc<Server>, Trouble> {
        self.explored().await?;
        let host = self.inner.owners().of(slot).cloned();
        let host = host.ok_or_else(|| {
            self.look_again();
            Trouble::NoOwner { slot }
        })?;
        Ok(self.inner.server(host))
    }

    /// Every server that has slots.
    pub(super) async fn servers(&self) -> Result<Vec<Arc<Server>>, Trouble> {
        self.explored().await?;
        let mut hosts: Vec<Host> = self
            .inner
            .owners()
            .0
            .iter()
            .map(|(.., host)| host.clone())
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        Ok(hosts.into_iter().map(|host| self.inner.server(host)).collect())
    }

    /// The server that has the slot by now, as its former owner says.
    pub(super) fn moved(&self, _slot: u16, host: Host) -> Arc<Server> {
        self.look_again();
        self.inner.server(host)
    }

    /// The server at `host`.
    pub(super) fn server(&self, host: Host) -> Arc<Server> {
        self.inner.server(host)
    }

    /// Sees to it that the servers are asked who has what.
    pub(super) fn look_again(&self) {
        self.inner.doubt.notify_one();
    }

    /// Waits until it is known who has what, or until nobody could be asked.
    async fn explored(&self) -> Result<(), Trouble> {
        if !self.inner.owners().0.is_empty() {
            return Ok(());
        }
        let mut looked = self.looked.clone();
        let looked = looked.wait_for(Option::is_some).await;
        match looked.as_deref() {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(trouble))) => Err(trouble.clone()),
            Ok(None) | Err(_) => Err(Trouble::Closed),
        }
    }
}

impl Inner {
    fn owners(&self) -> std::sync::RwLockReadGuard<'_, Owners> {
        self.owners.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn server(&self, host: Host) -> Arc<Server> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers
            .entry(host)
            .or_insert_with_key(|host| Server::keep(self.dialler.clone(), Place::At(host.clone())))
            .clone()
    }

    /// Asks one server after another who has what.
    async fn look(&self) -> Result<(), Trouble> {
        let mut hosts: Vec<Host> = self.owners().0.iter().map(|(.., host)| host.clone()).collect();
        hosts.extend(self.seeds.iter().cloned());
        let mut asked: Vec<&Host> = Vec::new();
        let mut last = Trouble::NoOwner { slot: 0 };
        for host in &hosts {
            if asked.contains(&host) {
                continue;
            }
            asked.push(host);
            match timeout(CONNECT, self.ask(host)).await {
                Ok(Ok(owners)) => {
                    self.adopt(owners);
                    return Ok(());
                }
                Ok(Err(error)) => last = Trouble::connecting(&host.to_string(), &error),
                Err(_) => {
                    last = Trouble::Silent {
                        server: host.to_string(),
                    };
                }
            }
        }
        Err(last)
    }

    async fn ask(&self, host: &Host) -> Result<Owners, RedisError> {
        let (lost, _) = tokio::sync::mpsc::unbounded_channel();
        let mut connection = self.dialler.dial(host, lost).await?;
        let answer: Vec<Vec<Value>> = redis::cmd("CLUSTER")
            .arg("SLOTS")
            .query_async(&mut connection)
            .await?;
        let mut ranges: Vec<_> = answer
            .iter()
            .filter_map(|range| Owners::range(host, range))
            .collect();
        ranges.sort_unstable();
        Ok(Owners(ranges))
    }

    /// Takes over who has what, and lets go of servers that have nothing any more.
    fn adopt(&self, owners: Owners) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.retain(|host, _| owners.0.iter().any(|(.., owner)| owner == host));
        drop(servers);
        *self.owners.write().unwrap_or_else(PoisonError::into_inner) = owners;
    }

    fn somebody_is_away(&self) -> bool {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.values().any(|server| server.is_away())
    }
}

/// Keeps up with who has what, for as long as the cluster is held.
async fn explore(inner: Weak<Inner>, sender: watch::Sender<Looked>) {
    loop {
        let Some(cluster) = inner.upgrade() else { return };
        let looked = cluster.look().await;
        let settled = looked.is_ok() && !cluster.somebody_is_away();
        sender.send_replace(Some(looked));
        if settled {
            tokio::select! {
                () = cluster.doubt.notified() => {}
                () = sender.closed() => return,
            }
        }
        drop(cluster);
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = sender.closed() => return,
        }
    }
}
