//! A cluster of three masters.

use crate::door::Door;
use crate::redis::{Redis, free_port};
use crate::wait::until;

/// Three servers that share the slots.
#[derive(Debug)]
pub struct Cluster {
    /// Each has a third of the slots, in this order.
    pub servers: [Redis; 3],
    door: Door,
}

impl Cluster {
    /// Starts them, and waits until all slots are served.
    pub fn start() -> Self {
        Self::behind(Door::default())
    }

    /// Starts them so that they speak TLS alone; and the certificate of the authority that vouches for them.
    pub fn encrypted() -> (Self, Vec<u8>) {
        let (door, authority) = Door::encrypted();
        (Self::behind(door), authority)
    }

    fn behind(door: Door) -> Self {
        let servers = [(); 3].map(|()| {
            Redis::started(&door, &[], |door, port| {
                let tls = door.certificates.as_ref().map_or("no", |_| "yes");
                vec![
                    "redis-server".to_owned(),
                    door.listen(port),
                    format!("--tls-cluster {tls}"),
                    format!("--cluster-enabled yes --cluster-port {}", free_port()),
                    "--cluster-node-timeout 2000 --appendonly yes --appendfsync everysec".to_owned(),
                ]
            })
        });
        let mut create = door.client();
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
        Self { servers, door }
    }

    /// The URL that names all servers.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self
            .servers
            .iter()
            .map(|one| format!("127.0.0.1:{}", one.port()))
            .collect();
        format!("{}{}", self.door.url("-cluster"), hosts.join(","))
    }

    /// Says to a slot's owner and to the next server that the slot is on its way between them; nothing is moved yet.
    pub fn begin_to_move(&self, slot: u16) {
        let (from, to) = self.owner_and_next(slot);
        let slot = slot.to_string();
        to.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]);
        from.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(to)]);
    }

    /// Moves a slot with its keys to the next server; returns the ports of both.
    pub fn move_slot(&self, slot: u16) -> (u16, u16) {
        let (from, to) = self.owner_and_next(slot);
        self.begin_to_move(slot);
        let slot = slot.to_string();
        let port = to.port().to_string();
        for key in from.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1000"]).lines() {
            from.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
        }
        for server in [to, from] {
            server.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &id(to)]);
        }
        (from.port(), to.port())
    }

    fn owner_and_next(&self, slot: u16) -> (&Redis, &Redis) {
        let [one, two, three] = &self.servers;
        let pairs = [(one, two), (two, three), (three, one)];
        let owner = pairs.into_iter().find(|(server, _)| has(server, slot));
        owner.expect("every slot has an owner")
    }
}

fn id(server: &Redis) -> String {
    server.ask(&["CLUSTER", "MYID"])
}

/// Whether a server says that it has the slot.
fn has(server: &Redis, slot: u16) -> bool {
    let nodes = server.ask(&["CLUSTER", "NODES"]);
    let own = nodes
        .lines()
        .find(|line| line.contains("myself"))
        .unwrap_or_default();
    own.split(' ').skip(8).any(|range| {
        let (from, until) = range.split_once('-').unwrap_or((range, range));
        let (from, until) = (from.parse().unwrap_or(u16::MAX), until.parse().unwrap_or(0));
        (from..=until).contains(&slot)
    })
}
