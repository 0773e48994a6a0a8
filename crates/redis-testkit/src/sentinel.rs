//! A master, a replica and the sentinels that watch them.

use crate::door::Door;
use crate::redis::Redis;
use crate::wait::until;

/// What the sentinels call the master.
const MASTER: &str = "mymaster";

/// A master with a replica, and three sentinels of which two agree on a failover.
#[derive(Debug)]
pub struct Sentinel {
    /// The first master and the first replica.
    pub servers: [Redis; 2],
    sentinels: [Redis; 3],
    door: Door,
}

impl Sentinel {
    /// Starts them, and waits until each knows of the others.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts them, the two servers with these options.
    pub fn with(options: &[&str]) -> Self {
        Self::behind(&Door::default(), &Door::default(), options)
    }

    /// Starts them; the servers ask for one password, and the sentinels for another.
    pub fn guarded(password: &str, sentinel_password: &str) -> Self {
        Self::behind(&Door::locked(password), &Door::locked(sentinel_password), &[])
    }

    /// Starts them so that all speak TLS alone; and the certificate of the authority that vouches for them.
    pub fn encrypted() -> (Self, Vec<u8>) {
        let (door, authority) = Door::encrypted();
        (Self::behind(&door, &door, &[]), authority)
    }

    fn behind(door: &Door, sentinel_door: &Door, options: &[&str]) -> Self {
        let lasting = [
            "--appendonly yes",
            "--appendfsync everysec",
            "--repl-diskless-sync-delay 0",
        ];
        let master = Redis::behind(door, &[&lasting, options].concat());
        let replicaof = format!("--replicaof 127.0.0.1 {}", master.port());
        let replica = Redis::behind(door, &[&lasting, options, &[replicaof.as_str()]].concat());
        until("the replica follows", || {
            replica
                .ask(&["INFO", "replication"])
                .contains("master_link_status:up")
        });
        let sentinels = [(); 3].map(|()| watch(&master, door, sentinel_door));
        let set = Self {
            servers: [master, replica],
            sentinels,
            door: door.clone(),
        };
        until("the sentinels know of each other", || {
            set.sentinels.iter().all(knows_all)
        });
        set
    }

    /// The URL that names all sentinels, with the password of the servers if they ask for one.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self
            .sentinels
            .iter()
            .map(|one| format!("127.0.0.1:{}", one.port()))
            .collect();
        format!("{}{}/{MASTER}", self.door.url("-sentinel"), hosts.join(","))
    }

    /// The port of the master, as the sentinels have it.
    pub fn master(&self) -> u16 {
        let [first, ..] = &self.sentinels;
        let answer = first.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]);
        answer
            .lines()
            .nth(1)
            .and_then(|port| port.parse().ok())
            .expect("a port")
    }

    /// Makes the replica the master, and waits until it is.
    pub fn fail_over(&self) {
        let before = self.master();
        let [first, ..] = &self.sentinels;
        until("a failover begins", || {
            first.ask(&["SENTINEL", "FAILOVER", MASTER]) == "OK"
        });
        self.wait_for_another(before);
    }

    /// Waits until another server than `before` is the master.
    pub fn wait_for_another(&self, before: u16) {
        until("another master", || self.master() != before);
    }
}

fn watch(master: &Redis, door: &Door, own_door: &Door) -> Redis {
    let port = master.port();
    let mut config = vec![
        format!("sentinel monitor {MASTER} 127.0.0.1 {port} 2"),
        format!("sentinel down-after-milliseconds {MASTER} 1000"),
        format!("sentinel failover-timeout {MASTER} 5000"),
    ];
    config.extend(
        door.password
            .iter()
            .map(|password| format!("sentinel auth-pass {MASTER} {password}")),
    );
    config.extend(own_door.password.iter().flat_map(|own| {
        [
            format!("requirepass {own}"),
            format!("sentinel sentinel-pass {own}"),
        ]
    }));
    Redis::started(own_door, &config, |own_door, own| {
        vec!["redis-sentinel config".to_owned(), own_door.listen(own)]
    })
}

fn knows_all(sentinel: &Redis) -> bool {
    let answer = sentinel.ask(&["SENTINEL", "MASTER", MASTER]);
    let lines: Vec<&str> = answer.lines().collect();
    let value = |name: &str| {
        let place = lines.iter().position(|line| *line == name)?;
        lines.get(place + 1).copied()
    };
    value("num-other-sentinels") == Some("2")
        && value("num-slaves") == Some("1")
        && value("flags") == Some("master")
}
