//! A wire between the store and Redis that can lose an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

#[derive(Default)]
struct Orders {
    lose: AtomicBool,
    lost: AtomicU32,
}

pub(crate) struct Proxy {
    port: u16,
    orders: Arc<Orders>,
    _wires: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let orders = Arc::new(Orders::default());
        let mut wires = JoinSet::new();
        let handed = orders.clone();
        wires.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                    continue;
                };
                connections.spawn(wire(client, server, handed.clone()));
            }
        });
        Self {
            port,
            orders,
            _wires: wires,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The next answer of Redis is not handed on, and the connection breaks instead.
    pub(crate) fn lose_the_next_answer(&self) {
        self.orders.lose.store(true, Ordering::SeqCst);
    }

    /// How many answers were lost.
    pub(crate) fn lost(&self) -> u32 {
        self.orders.lost.load(Ordering::SeqCst)
    }
}

async fn wire(client: TcpStream, server: TcpStream, orders: Arc<Orders>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let questions = copy(&mut from_client, &mut to_server);
    let answers = async {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length) = from_server.read(&mut bytes).await {
            if length == 0 {
                return;
            }
            if orders.lose.swap(false, Ordering::SeqCst) {
                orders.lost.fetch_add(1, Ordering::SeqCst);
                return;
            }
            if to_client.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = questions => {}
        () = answers => {}
    }
}
