//! The law book, on one server, behind Sentinel and on a cluster.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use vestibule_broker::store::Store;
use vestibule_redis_testkit::{Cluster, Redis, Sentinel};
use vestibule_store_redis::RedisStore;
use vestibule_store_testkit::{Bench, DurableBench};

use crate::world::{Prefixes, settings};

/// Some set-up of servers, and stores on it that do not see each other.
struct On<S> {
    servers: S,
    url: String,
    prefixes: Prefixes,
}

impl<S> On<S> {
    fn new(servers: S, url: String) -> Self {
        Self {
            servers,
            url,
            prefixes: Prefixes::default(),
        }
    }

    async fn open(&self, prefix: &str) -> Arc<dyn Store> {
        Arc::new(RedisStore::open(settings(&self.url, prefix)).await.unwrap())
    }
}

#[async_trait]
impl<S: Send + Sync> Bench for On<S> {
    async fn fresh(&self) -> Arc<dyn Store> {
        self.open(&self.prefixes.next()).await
    }
}

/// A restart of the program, and of Redis with it.
#[async_trait]
impl DurableBench for On<Mutex<Redis>> {
    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        {
            let mut server = self.servers.lock().unwrap();
            server.kill_once_written();
            server.start();
        }
        self.open(&self.prefixes.last()).await
    }
}

mod on_one_server {
    use super::*;

    fn one_server() -> On<Mutex<Redis>> {
        let server = Redis::durable();
        let url = server.url();
        On::new(Mutex::new(server), url)
    }

    vestibule_store_testkit::laws!(gathered one_server());
    vestibule_store_testkit::durable_laws!(gathered one_server());
}

mod behind_sentinel {
    use super::*;

    fn sentinel() -> On<Sentinel> {
        let set = Sentinel::start();
        let url = set.url();
        On::new(set, url)
    }

    vestibule_store_testkit::laws!(gathered sentinel());
}

mod on_a_cluster {
    use super::*;

    fn cluster() -> On<Cluster> {
        let set = Cluster::start();
        let url = set.url();
        On::new(set, url)
    }

    vestibule_store_testkit::laws!(gathered cluster());
}
