//! One server, kept connected.
//!
//! A task of its own holds the connection. When it breaks, the task makes another one at once, and whoever asks meanwhile waits
//! for that. When that fails, or the server stays silent, the circuit is open: whoever asks is told so at once, while the task
//! tries again and again with a connection that nobody else uses; the first one that stands closes the circuit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, Pipeline, PushInfo, PushKind, RedisError, ServerErrorKind, Value};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::absence::Absence;
use super::dial::{CONNECT, Dialler};
use super::sentinel::Sentinels;
use crate::address::Host;
use crate::error::Trouble;
use crate::script::Script;

/// How many answers in a row may be missing before the circuit opens.
const PATIENCE: u32 = 3;

/// How long to wait before the next try, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How many connections this program has made.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// What a command came to that brought no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Redis is away or refuses.
    Trouble(Trouble),
    /// Another server of the cluster has the key.
    Moved(Host),
    /// Another server of the cluster has the key already, though it has not taken over.
    Asked(Host),
    /// The script has to be loaded first.
    NoScript,
    /// A script found a record that it cannot read.
    Unreadable,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// How to come to the server.
pub(crate) enum Place {
    /// It is there.
    At(Host),
    /// Sentinels say where it is.
    Named(Sentinels),
}

/// A server, wherever it is just now.
pub(crate) struct Server {
    state: watch::Receiver<State>,
    alarm: Arc<Alarm>,
    absence: Arc<Absence>,
}

#[derive(Clone)]
enum State {
    Connecting,
    Up(Connection),
    Away(Trouble),
}

#[derive(Clone)]
struct Connection {
    redis: MultiplexedConnection,
    server: Arc<str>,
    /// Which connection it is, so that the trouble of an old one is not laid to a new one.
    number: u64,
}

/// What those who ask tell the task.
#[derive(Default)]
struct Alarm {
    /// The connection that is open.
    number: AtomicU64,
    /// How many answers in a row were missing.
    missing: AtomicU32,
    /// The connection is of no use any more.
    useless: Notify,
}

impl Alarm {
    fn ring(&self, number: u64) {
        if self.number.load(Ordering::Acquire) == number {
            self.useless.notify_one();
        }
    }
}

impl Server {
    /// Connects in the background, and stays connected for as long as the server is held.
    pub(super) fn keep(dialler: Arc<Dialler>, place: Place) -> Arc<Self> {
        let (sender, state) = watch::channel(State::Connecting);
        let alarm = Arc::new(Alarm::default());
        let absence = Arc::new(Absence::default());
        let keeper = Keeper {
            dialler,
            place,
            state: sender,
            alarm: alarm.clone(),
            absence: absence.clone(),
        };
        tokio::spawn(keeper.run());
        Arc::new(Self {
            state,
            alarm,
            absence,
        })
    }

    /// Where it is, if it is connected.
    pub(crate) fn name(&self) -> String {
        match &*self.state.borrow() {
            State::Up(connection) => connection.server.to_string(),
            State::Connecting | State::Away(_) => String::new(),
        }
    }

    /// Which connection stands, if one does: no other one of this program has its number.
    pub(super) fn number(&self) -> Option<u64> {
        match &*self.state.borrow() {
            State::Up(connection) => Some(connection.number),
            State::Connecting | State::Away(_) => None,
        }
    }

    /// Whether the circuit is open.
    pub(super) fn is_away(&self) -> bool {
        matches!(*self.state.borrow(), State::Away(_))
    }

    /// For how long after something happened its answer may be asked for again.
    pub(super) fn grace(&self, usual: Duration) -> Duration {
        self.absence.grace(usual)
    }

    /// Sends a command.
    pub(crate) async fn send(&self, command: &Cmd) -> Result<Value, Failure> {
        let mut connection = self.connection().await?;
        let answered = connection.redis.send_packed_command(command).await;
        self.judge(&connection, answered.and_then(Value::extract_error))
    }

    /// Sends several commands in one message. Each has its own answer, unless the message has none.
    pub(crate) async fn send_all(&self, message: &Pipeline) -> Result<Vec<Result<Value, Failure>>, Failure> {
        let mut connection = self.connection().await?;
        let answered = connection
            .redis
            .send_packed_commands(message, 0, message.len())
            .await;
        match answered {
            Ok(values) => Ok(values
                .into_iter()
                .map(|value| self.judge(&connection, value.extract_error()))
                .collect()),
            Err(error) => Err(self.failure(&connection, &error)),
        }
    }

    /// Sends a command about a key that is on its way to this server.
    pub(super) async fn send_asking(&self, command: &Cmd) -> Result<Value, Failure> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("ASKING").ignore().add_command(command.clone());
        let mut connection = self.connection().await?;
        let answered: Result<Vec<Value>, _> = pipeline.query_async(&mut connection.redis).await;
        let only = answered.map(|values| values.into_iter().next().unwrap_or(Value::Nil));
        self.judge(&connection, only)
    }

    /// The connection, once it is there; an error at once while the circuit is open.
    async fn connection(&self) -> Result<Connection, Trouble> {
        if let State::Up(connection) = &*self.state.borrow() {
            return Ok(connection.clone());
        }
        let mut state = self.state.clone();
        loop {
            match &*state.borrow_and_update() {
                State::Up(connection) => return Ok(connection.clone()),
                State::Away(trouble) => return Err(trouble.clone()),
                State::Connecting => {}
            }
            if state.changed().await.is_err() {
                return Err(Trouble::Closed);
            }
        }
    }

    fn judge(&self, connection: &Connection, answered: Result<Value, RedisError>) -> Result<Value, Failure> {
        match answered {
            Ok(value) => {
                if self.alarm.missing.load(Ordering::Relaxed) != 0 {
                    self.alarm.missing.store(0, Ordering::Relaxed);
                }
                Ok(value)
            }
            Err(error) => Err(self.failure(connection, &error)),
        }
    }

    fn failure(&self, connection: &Connection, error: &RedisError) -> Failure {
        let server = connection.server.to_string();
        if error.is_timeout() {
            if self.alarm.missing.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                self.alarm.ring(connection.number);
            }
            return Trouble::Silent { server }.into();
        }
        if !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension) {
            self.alarm.ring(connection.number);
            return Trouble::Broken { server }.into();
        }
        self.refusal(connection, error)
    }

    fn refusal(&self, connection: &Connection, error: &RedisError) -> Failure {
        let redirection = || {
            let (place, _slot) = error.redirect_node()?;
            let (name, port) = place.rsplit_once(':')?;
            // A server that does not know its own name means itself.
            let own = || connection.server.rsplit_once(':').map_or("", |(name, _)| name);
            let name = if name.is_empty() { own() } else { name };
            let port = port.parse().ok()?;
            let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
            Some(Host { name, port })
        };
        match (error.kind(), error.code(), redirection()) {
            (ErrorKind::Server(ServerErrorKind::Moved), _, Some(host)) => return Failure::Moved(host),
            (ErrorKind::Server(ServerErrorKind::Ask), _, Some(host)) => return Failure::Asked(host),
            (ErrorKind::Server(ServerErrorKind::NoScript), ..) => return Failure::NoScript,
            (_, Some("UNREADABLE"), _) => return Failure::Unreadable,
            // It was a master when the connection was made.
            (ErrorKind::Server(ServerErrorKind::ReadOnly), ..) => self.alarm.ring(connection.number),
            _ => {}
        }
        Failure::Trouble(Trouble::Refused {
            server: connection.server.to_string(),
            cause: error.to_string(),
        })
    }
}

/// The task that holds the connection.
struct Keeper {
    dialler: Arc<Dialler>,
    place: Place,
    state: watch::Sender<State>,
    alarm: Arc<Alarm>,
    absence: Arc<Absence>,
}

impl Keeper {
    async fn run(self) {
        let mut pause = PAUSES.0;
        loop {
            let (lost, mut losses) = unbounded_channel();
            let connected = tokio::select! {
                connected = timeout(CONNECT * 2, self.connect(lost)) => connected,
                () = self.state.closed() => return,
            };
            match connected.unwrap_or_else(|_| Err(Trouble::Late(CONNECT * 2))) {
                Ok((redis, server)) => {
                    let number = CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
                    tracing::debug!(%server, "connected to Redis");
                    self.alarm.missing.store(0, Ordering::Relaxed);
                    self.alarm.number.store(number, Ordering::Release);
                    self.tell(State::Up(Connection {
                        redis,
                        server: server.clone(),
                        number,
                    }));
                    let since = Instant::now();
                    let Some(next) = self.watch(&server, &mut losses).await else {
                        return;
                    };
                    self.tell(next);
                    // A server that hangs up at once is not asked at once again.
                    if since.elapsed() < PAUSES.1 {
                        sleep(PAUSES.0).await;
                    }
                    pause = PAUSES.0;
                }
                Err(trouble) => {
                    self.tell(State::Away(trouble));
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = self.state.closed() => return,
                    }
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Waits until the connection is of no use; nothing when nobody needs it any more.
    async fn watch(&self, server: &str, losses: &mut UnboundedReceiver<PushInfo>) -> Option<State> {
        loop {
            tokio::select! {
                () = self.state.closed() => return None,
                () = self.alarm.useless.notified() => {
                    if self.alarm.missing.load(Ordering::Relaxed) < PATIENCE {
                        return Some(State::Connecting);
                    }
                    let server = server.to_owned();
                    return Some(State::Away(Trouble::Silent { server }));
                }
                push = losses.recv() => match push {
                    Some(PushInfo { kind: PushKind::Disconnection, .. }) | None => return Some(State::Connecting),
                    Some(_) => {}
                },
            }
        }
    }

    /// Writes down how the server stands, and what changed to the log.
    fn tell(&self, next: State) {
        match next {
            State::Up(_) => self.absence.end(),
            State::Connecting | State::Away(_) => self.absence.begin(),
        }
        let before = self.state.send_replace(next.clone());
        match (before, next) {
            (State::Away(_), State::Up(connection)) => {
                tracing::info!(server = %connection.server, "Redis is back");
            }
            (State::Up(_) | State::Connecting, State::Away(trouble)) => {
                tracing::warn!(%trouble, "Redis is away; requests are answered 503 until it is back");
            }
            _ => {}
        }
    }

    async fn connect(
        &self,
        lost: tokio::sync::mpsc::UnboundedSender<PushInfo>,
    ) -> Result<(MultiplexedConnection, Arc<str>), Trouble> {
        let host = match &self.place {
            Place::At(host) => host.clone(),
            Place::Named(sentinels) => sentinels.master().await?,
        };
        let server: Arc<str> = host.to_string().into();
        let failed = |error: RedisError| Trouble::connecting(&server, &error);
        let mut redis = self.dialler.dial(&host, lost).await.map_err(failed)?;
        let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut redis).await.map_err(failed)?;
        let role = role
            .first()
            .map_or(Ok(String::new()), redis::from_redis_value_ref);
        let role = role.unwrap_or_default();
        if role != "master" {
            let server = server.to_string();
            return Err(Trouble::NoMaster { server, role });
        }
        let mut scripts = Pipeline::new();
        for script in Script::ALL {
            scripts.cmd("SCRIPT").arg("LOAD").arg(script.text()).ignore();
        }
        scripts.query_async::<()>(&mut redis).await.map_err(failed)?;
        Ok((redis, server))
    }
}
