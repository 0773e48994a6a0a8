//! What is looked at when the store is opened: whether Redis is fit to keep sessions.

use std::collections::HashMap;

use redis::{Cmd, FromRedisValue};
use vestibule_protocol::Timestamp;

use crate::error::{OpenError, Trouble};
use crate::link::{Failure, Server};
use crate::store::RedisStore;

/// The oldest version that has every command that the store uses.
const OLDEST: &str = "7.0";

/// How far a server's clock may be from this machine's, in seconds: a tenth of what records are kept beyond their expiry.
const SKEW: i64 = 60;

/// Something about Redis that works today and will hurt one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// What it is, and what it leads to.
    pub what: String,
    /// What to change.
    pub remedy: String,
}

/// How Redis was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// Each server that has a part of the records, with its version.
    pub servers: Vec<String>,
    /// What is dangerous.
    pub dangers: Vec<Danger>,
}

impl RedisStore {
    /// Looks at every server that has a part of the records.
    ///
    /// # Errors
    /// [`OpenError`] when one does not answer or is too old.
    pub async fn examine(&self, now: Timestamp) -> Result<Examination, OpenError> {
        let mut found = Examination {
            servers: Vec::new(),
            dangers: Vec::new(),
        };
        for server in self.link.servers().await? {
            let facts = Facts::gather(&server).await?;
            if facts.version() < Some((7, 0)) {
                return Err(OpenError::TooOld {
                    server: facts.server,
                    found: facts.info.get("redis_version").cloned().unwrap_or_default(),
                    needed: OLDEST,
                });
            }
            found.dangers.extend(facts.dangers(now));
            let version = facts.info.get("redis_version").map_or("", String::as_str);
            found
                .servers
                .push(format!("{} (version {version})", facts.server));
        }
        Ok(found)
    }
}

/// What a server says of itself.
struct Facts {
    server: String,
    info: HashMap<String, String>,
    /// Settings that `INFO` does not tell; none where we may not read them.
    settings: Option<HashMap<String, String>>,
    cluster: HashMap<String, String>,
    /// The server's clock, in seconds.
    clock: i64,
}

impl Facts {
    async fn gather(server: &Server) -> Result<Self, OpenError> {
        let info: String = ask(server, redis::cmd("INFO")).await?.ok_or(Trouble::Closed)?;
        let info = lines(&info);
        let mut settings = redis::cmd("CONFIG");
        settings
            .arg("GET")
            .arg("save")
            .arg("appendfsync")
            .arg("min-replicas-to-write");
        let settings = ask(server, settings).await?;
        let cluster = if info.get("cluster_enabled").is_some_and(|enabled| enabled == "1") {
            let mut question = redis::cmd("CLUSTER");
            question.arg("INFO");
            let answer: Option<String> = ask(server, question).await?;
            lines(&answer.unwrap_or_default())
        } else {
            HashMap::new()
        };
        let clock: Option<(i64, i64)> = ask(server, redis::cmd("TIME")).await?;
        Ok(Self {
            server: server.name(),
            info,
            settings,
            cluster,
            clock: clock.map_or(0, |(seconds, _)| seconds),
        })
    }

    fn version(&self) -> Option<(u32, u32)> {
        let mut numbers = self.info.get("redis_version")?.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    fn says(&self, fact: &str) -> &str {
        self.info.get(fact).map_or("", String::as_str)
    }

    fn setting(&self, name: &str) -> Option<&str> {
        self.settings.as_ref()?.get(name).map(String::as_str)
    }

    fn dangers(&self, now: Timestamp) -> Vec<Danger> {
        let mut dangers = Vec::new();
        let mut warn = |what: String, remedy: &str| {
            dangers.push(Danger {
                what: format!("Redis at {} {what}", self.server),
                remedy: remedy.to_owned(),
            });
        };
        let policy = self.says("maxmemory_policy");
        if policy != "noeviction" {
            warn(
                format!(
                    "drops records when its memory is full (maxmemory-policy is {policy}): sessions end, and revocations and used codes are forgotten"
                ),
                "set maxmemory-policy noeviction",
            );
        }
        if self.says("aof_enabled") != "1" {
            match self.setting("save") {
                Some("") => warn(
                    "keeps nothing on disk: a restart loses every session, revocation and signing key"
                        .to_owned(),
                    "set appendonly yes",
                ),
                Some(_) | None => warn(
                    "keeps snapshots alone: a crash loses what came after the last one, revocations among it"
                        .to_owned(),
                    "set appendonly yes",
                ),
            }
        } else if self.setting("appendfsync") == Some("no") {
            warn(
                "leaves it to the system when writes reach the disk: a power cut loses the last half minute or so".to_owned(),
                "set appendfsync everysec, or always to lose nothing that was acknowledged",
            );
        }
        if self.says("aof_last_write_status") == "err" || self.says("rdb_last_bgsave_status") == "err" {
            warn(
                "cannot write to its disk, and will refuse writes".to_owned(),
                "see its log, and make room on its disk",
            );
        }
        let replicas: u32 = self.says("connected_slaves").parse().unwrap_or(0);
        if replicas > 0 && self.setting("min-replicas-to-write") == Some("0") {
            warn(
                "acknowledges writes that no replica has: a failover or a partition can lose revocations and sessions".to_owned(),
                "set min-replicas-to-write 1 and min-replicas-max-lag 10",
            );
        }
        if self.clock.abs_diff(now.as_secs()) > SKEW.unsigned_abs() {
            warn(
                format!(
                    "has a clock that differs from this machine's by {} s; from ten minutes on it drops records before their time",
                    self.clock.abs_diff(now.as_secs())
                ),
                "let both machines keep time by NTP",
            );
        }
        let state = self.cluster.get("cluster_state").map_or("ok", String::as_str);
        if state != "ok" {
            warn(
                format!("says that the cluster is in state \"{state}\""),
                "see that every slot has a master: redis-cli --cluster check",
            );
        }
        dangers
    }
}

/// An answer; nothing if the server does not allow the question.
async fn ask<T: FromRedisValue>(server: &Server, question: Cmd) -> Result<Option<T>, OpenError> {
    match server.send(&question).await {
        Ok(answer) => Ok(redis::from_redis_value(answer).ok()),
        Err(Failure::Trouble(Trouble::Refused { .. })) => Ok(None),
        Err(Failure::Trouble(trouble)) => Err(trouble.into()),
        Err(_) => Ok(None),
    }
}

fn lines(text: &str) -> HashMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim_end().to_owned()))
        .collect()
}
