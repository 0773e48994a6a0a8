//! Making one connection.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo as _, ProtocolVersion, PushInfo,
    RedisConnectionInfo, RedisResult, TlsCertificates,
};
use tokio::sync::mpsc::UnboundedSender;
use vestibule_protocol::Secret;

use crate::address::{Host, Transport};

/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(1);

/// How long an answer may take.
pub(crate) const ANSWER: Duration = Duration::from_millis(500);

/// How many commands may wait to be written.
const QUEUE: usize = 1024;

/// What every connection to Redis has in common.
#[derive(Clone)]
pub(crate) struct Dialler {
    pub(crate) transport: Transport,
    /// The authority that vouches for the servers, in PEM; none means those that this machine trusts.
    pub(crate) authority: Option<Vec<u8>>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) database: i64,
}

impl Dialler {
    /// Connects. That the connection is gone is told to `lost`.
    pub(crate) async fn dial(
        &self,
        host: &Host,
        lost: UnboundedSender<PushInfo>,
    ) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_pipeline_buffer_size(QUEUE)
            .set_push_sender(lost);
        self.client(host)?
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// Whether the authority's certificate can be used.
    pub(crate) fn check(&self) -> RedisResult<()> {
        let anywhere = Host {
            name: "localhost".to_owned(),
            port: 1,
        };
        self.client(&anywhere).map(drop)
    }

    /// What a connection to `host` needs; it does not connect.
    fn client(&self, host: &Host) -> RedisResult<Client> {
        let mut settings = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.database);
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password.expose());
        }
        let (name, port) = (host.name.clone(), host.port);
        let address = match self.transport {
            Transport::Plain => ConnectionAddr::Tcp(name, port),
            Transport::Tls => ConnectionAddr::TcpTls {
                host: name,
                port,
                insecure: false,
                tls_params: None,
            },
        };
        let info = address.into_connection_info()?.set_redis_settings(settings);
        match self.transport {
            Transport::Plain => Client::open(info),
            Transport::Tls => Client::build_with_tls(
                info,
                TlsCertificates {
                    client_tls: None,
                    root_cert: self.authority.clone(),
                },
            ),
        }
    }
}
