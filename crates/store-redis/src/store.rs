//! The store: one way for all verbs to ask.

use std::fmt;
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::{Cmd, FromRedisValue, Pipeline, ToRedisArgs, Value};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout};
use vestibule_broker::store::StoreError;
use vestibule_protocol::Secret;

use crate::address::Address;
use crate::error::{OpenError, Trouble};
use crate::keys::Keys;
use crate::link::{Dialler, Failure, Link, Repeat, Server};
use crate::pack::PackError;
use crate::script::Script;
use crate::seen::SeenSessions;
use crate::spare_bits::SpareBits;
use crate::verbs::ListCache;

/// How long a verb may take, with everything that it waits for.
const LONGEST: Duration = Duration::from_secs(1);

/// How long Redis may take to answer when the store is opened, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);

/// What the store is made with.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// Where Redis is.
    pub address: Address,
    /// The authority that vouches for its certificates, in PEM; none means those that this machine trusts.
    pub authority: Option<Vec<u8>>,
    /// Who we are to the sentinels, if they ask.
    pub sentinel_user: Option<String>,
    /// Our password there.
    pub sentinel_password: Option<Secret>,
    /// What stands before every key.
    pub prefix: String,
}

/// The store in Redis. It reconnects by itself for as long as it is held.
pub struct RedisStore {
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    pub(crate) lists: ListCache,
    pub(crate) spare_bits: SpareBits,
    pub(crate) seen: SeenSessions,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

/// A command about one key, or about several in one slot.
pub(crate) struct Question {
    key: Vec<u8>,
    command: Cmd,
    script: Option<Script>,
}

impl Question {
    /// A command of Redis's own: its name, the key, the arguments.
    pub(crate) fn command(name: &str, key: &str) -> Self {
        let mut command = redis::cmd(name);
        command.arg(key);
        Self {
            key: key.as_bytes().to_vec(),
            command,
            script: None,
        }
    }

    /// A script on keys that share a slot.
    pub(crate) fn script(script: Script, keys: &[&str]) -> Self {
        let mut command = redis::cmd("EVALSHA");
        command.arg(script.hash()).arg(keys.len()).arg(keys);
        let key = keys.first().copied().unwrap_or_default();
        Self {
            key: key.as_bytes().to_vec(),
            command,
            script: Some(script),
        }
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl ToRedisArgs) -> Self {
        self.command.arg(argument);
        self
    }
}

impl RedisStore {
    /// Connects, and waits until Redis has answered.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(settings: RedisSettings) -> Result<Self, OpenError> {
        let store = Self::connect(settings)?;
        store.probe().await?;
        Ok(store)
    }

    /// Connects in the background.
    ///
    /// # Errors
    /// [`OpenError::Certificate`].
    fn connect(settings: RedisSettings) -> Result<Self, OpenError> {
        let RedisSettings {
            address,
            authority,
            sentinel_user,
            sentinel_password,
            prefix,
        } = settings;
        let dialler = Dialler {
            transport: address.transport,
            authority,
            user: address.user,
            password: address.password,
            database: address.database,
        };
        let sentinel_dialler = Dialler {
            user: sentinel_user,
            password: sentinel_password,
            database: 0,
            ..dialler.clone()
        };
        dialler
            .check()
            .map_err(|error| OpenError::Certificate(error.to_string()))?;
        Ok(Self {
            link: Link::open(dialler, sentinel_dialler, address.layout),
            keys: Keys::new(&prefix),
            lists: ListCache::default(),
            spare_bits: SpareBits::default(),
            seen: SeenSessions::default(),
        })
    }

    /// Waits until every server has answered, for a moment: Redis may be starting too.
    async fn probe(&self) -> Result<(), Trouble> {
        let begun = Instant::now();
        loop {
            match self.greet().await {
                Err(trouble) if trouble.may_pass() && begun.elapsed() < PATIENCE => sleep(PAUSE).await,
                greeted => return greeted,
            }
        }
    }

    async fn greet(&self) -> Result<(), Trouble> {
        let asked = async {
            for server in self.link.servers().await? {
                match server.send(&redis::cmd("PING")).await {
                    Ok(_) => {}
                    Err(Failure::Trouble(trouble)) => return Err(trouble),
                    Err(_) => return Err(Trouble::Closed),
                }
            }
            Ok(())
        };
        timeout(PATIENCE, asked)
            .await
            .unwrap_or(Err(Trouble::Late(PATIENCE)))
    }

    /// Asks something that may be asked twice: it only reads, or does nothing more the second time.
    pub(crate) async fn read<T: FromRedisValue>(&self, question: Question) -> Result<T, StoreError> {
        self.ask(question, Repeat::Once).await
    }

    /// Asks something that decides. If the answer is lost, nobody is told what it was.
    pub(crate) async fn decide<T: FromRedisValue>(&self, question: Question) -> Result<T, StoreError> {
        self.ask(question, Repeat::Never).await
    }

    async fn ask<T: FromRedisValue>(&self, question: Question, repeat: Repeat) -> Result<T, StoreError> {
        let Question { key, command, script } = question;
        let answered = timeout(LONGEST, self.pursue(&key, &command, script, repeat)).await;
        redis::from_redis_value(settle(answered)?).map_err(|_| PackError::Reply.into())
    }

    /// Asks several things, each about a slot of its own: in one message where one server has all slots. None of them is known
    /// to have been carried out until all are answered.
    pub(crate) async fn together<const N: usize>(
        &self,
        questions: [(Question, Repeat); N],
    ) -> Result<[Value; N], StoreError> {
        let answers = if let Some(server) = self.link.only() {
            settle(timeout(LONGEST, self.pursue_all(server, questions)).await)?
        } else {
            let asked = questions.map(|(question, repeat)| self.ask(question, repeat));
            try_join_all(asked).await?
        };
        answers.try_into().map_err(|_| PackError::Reply.into())
    }

    /// Asks one server everything in one message, and once more what needs a script that Redis has forgotten.
    async fn pursue_all<const N: usize>(
        &self,
        server: &Server,
        questions: [(Question, Repeat); N],
    ) -> Result<Vec<Value>, Failure> {
        let mut message = Pipeline::with_capacity(N);
        let asked = questions.map(|(question, repeat)| {
            message.add_command(question.command);
            (question.key, question.script, repeat)
        });
        let answers = server.send_all(&message).await?;
        let mut values = Vec::with_capacity(N);
        for ((answer, command), (key, script, repeat)) in
            answers.into_iter().zip(message.cmd_iter()).zip(asked)
        {
            values.push(match answer {
                Err(Failure::NoScript) => self.pursue(&key, command, script, repeat).await?,
                answer => answer?,
            });
        }
        Ok(values)
    }

    /// Asks, and loads the script first if Redis has forgotten it.
    async fn pursue(
        &self,
        key: &[u8],
        command: &Cmd,
        script: Option<Script>,
        repeat: Repeat,
    ) -> Result<Value, Failure> {
        match (self.link.ask(key, command, repeat).await, script) {
            (Err(Failure::NoScript), Some(script)) => {
                let mut load = redis::cmd("SCRIPT");
                load.arg("LOAD").arg(script.text());
                self.link.ask(key, &load, Repeat::Once).await?;
                self.link.ask(key, command, repeat).await
            }
            (answered, _) => answered,
        }
    }
}

/// What the broker is told of what came, in time or not.
fn settle<T>(answered: Result<Result<T, Failure>, Elapsed>) -> Result<T, StoreError> {
    match answered.unwrap_or_else(|_| Err(Trouble::Late(LONGEST).into())) {
        Ok(value) => Ok(value),
        Err(Failure::Trouble(trouble)) => Err(trouble.into()),
        Err(Failure::Unreadable) => Err(PackError::UnknownKind.into()),
        Err(Failure::Moved(_) | Failure::Asked(_) | Failure::NoScript) => Err(Trouble::Closed.into()),
    }
}
