//! A cluster of three masters.

use std::process::Command;

use crate::redis::{Redis, free_port};
use crate::wait::until;

/// Three servers that share the slots.
#[derive(Debug)]
pub struct Cluster {
    /// Each has a third of the slots, in this order.
    pub servers: [Redis; 3],
}

impl Cluster {
    /// Starts them, and waits until all slots are served.
    pub fn start() -> Self {
        let servers = [(); 3].map(|()| {
            Redis::started(&[], |port| {
                vec![
                    format!("redis-server --port {port}"),
                    format!("--cluster-enabled yes --cluster-port {}", free_port()),
                    "--cluster-node-timeout 2000 --appendonly yes --appendfsync always".to_owned(),
                ]
            })
        });
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]);
        create.args(
            servers
                .iter()
                .map(|server| format!("127.0.0.1:{}", server.port())),
        );
        let created = create.arg("--cluster-yes").output().expect("redis-cli runs");
        let told = String::from_utf8_lossy(&created.stdout);
        assert!(created.status.success(), "{told}");
        until("the cluster serves all slots", || {
            servers
                .iter()
                .all(|server| server.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
        });
        Self { servers }
    }

    /// The URL that names all servers.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self
            .servers
            .iter()
            .map(|one| format!("127.0.0.1:{}", one.port()))
            .collect();
        format!("redis-cluster://{}", hosts.join(","))
    }
}
