//! Where Redis is: a URL of one of six schemes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use vestibule_protocol::Secret;

/// One server: host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    /// A name or an address; an IPv6 address without its brackets.
    pub name: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, port } = self;
        if name.contains(':') {
            write!(f, "[{name}]:{port}")
        } else {
            write!(f, "{name}:{port}")
        }
    }
}

/// How the servers stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// One server.
    Single(Host),
    /// A master that these sentinels name.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<Host>,
        /// What they call the master.
        master: String,
    },
    /// A cluster, of which these are some.
    Cluster(Vec<Host>),
}

/// Whether the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Plain,
    /// TLS.
    Tls,
}

/// Where Redis is and who we are there.
#[derive(Debug, Clone)]
pub struct Address {
    /// The servers.
    pub layout: Layout,
    /// Whether the connections are encrypted.
    pub transport: Transport,
    /// The user; none is Redis's default user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The database; a cluster has only 0.
    pub database: i64,
}

/// Why a URL leads nowhere. It never quotes the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// The scheme is another.
    #[error(
        "begins with none of redis://, rediss://, redis-sentinel://, rediss-sentinel://, redis-cluster:// and rediss-cluster://"
    )]
    Scheme,
    /// There is no host.
    #[error("names no host; write one as redis://localhost:6379")]
    NoHost,
    /// A port is no number.
    #[error("has a port that is no number from 1 to 65535")]
    Port,
    /// One server was expected.
    #[error("names several hosts; that is for redis-sentinel:// and redis-cluster://")]
    ManyHosts,
    /// The master's name is missing.
    #[error(
        "names no master; write it behind the sentinels, as redis-sentinel://one:26379,two:26379/mymaster"
    )]
    NoMaster,
    /// The database is no number.
    #[error("has a path that is no database's number; write one as redis://localhost:6379/0")]
    Database,
    /// A cluster has one database.
    #[error("names a database, but a cluster has only the database 0; leave the path out")]
    ClusterDatabase,
    /// An escape in the user or password is damaged.
    #[error(
        "has a user or password with a % that is not followed by two hexadecimal digits; write % itself as %25"
    )]
    Escape,
    /// There is something behind a question mark or a hash.
    #[error("has a ? or #; options are keys of [store], and in a password they are written as %3F and %23")]
    Options,
}

/// Makes a layout and a database of the hosts and of what follows them.
type ReadLayout = fn(Vec<Host>, &str) -> Result<(Layout, i64), AddressError>;

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let (plain, layout): (_, ReadLayout) = match scheme {
            "redis" | "rediss" => (scheme == "redis", single),
            "redis-sentinel" | "rediss-sentinel" => (scheme == "redis-sentinel", sentinel),
            "redis-cluster" | "rediss-cluster" => (scheme == "redis-cluster", cluster),
            _ => return Err(AddressError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(AddressError::Options);
        }
        // A password may hold an @ or a slash that is not escaped; a host never does.
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, rest),
        };
        let (hosts, path) = place.split_once('/').unwrap_or((place, ""));
        let usual = if matches!(scheme, "redis-sentinel" | "rediss-sentinel") {
            26379
        } else {
            6379
        };
        let hosts = hosts
            .split(',')
            .map(|host| parse_host(host, usual))
            .collect::<Result<Vec<_>, _>>()?;
        let (layout, database) = layout(hosts, path)?;
        let (user, password) = match credentials.map(|text| text.split_once(':').unwrap_or(("", text))) {
            Some((user, password)) => (Some(unescape(user)?), Some(unescape(password)?)),
            None => (None, None),
        };
        Ok(Self {
            layout,
            transport: if plain { Transport::Plain } else { Transport::Tls },
            user: user.filter(|user| !user.is_empty()),
            password: password.filter(|password| !password.is_empty()).map(Secret::new),
            database,
        })
    }
}

fn single(hosts: Vec<Host>, path: &str) -> Result<(Layout, i64), AddressError> {
    let [host] = <[Host; 1]>::try_from(hosts).map_err(|_| AddressError::ManyHosts)?;
    Ok((Layout::Single(host), database(path)?))
}

fn sentinel(sentinels: Vec<Host>, path: &str) -> Result<(Layout, i64), AddressError> {
    let (master, path) = path.split_once('/').unwrap_or((path, ""));
    if master.is_empty() {
        return Err(AddressError::NoMaster);
    }
    let master = master.to_owned();
    Ok((Layout::Sentinel { sentinels, master }, database(path)?))
}

fn cluster(hosts: Vec<Host>, path: &str) -> Result<(Layout, i64), AddressError> {
    if database(path)? != 0 {
        return Err(AddressError::ClusterDatabase);
    }
    Ok((Layout::Cluster(hosts), 0))
}

fn database(path: &str) -> Result<i64, AddressError> {
    match path {
        "" => Ok(0),
        number => match number.parse() {
            Ok(number) if number >= 0 => Ok(number),
            Ok(_) | Err(_) => Err(AddressError::Database),
        },
    }
}

fn parse_host(text: &str, usual: u16) -> Result<Host, AddressError> {
    let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((name, rest)) => (name, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(AddressError::NoHost);
    }
    let port = match port {
        Some(port) => port
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or(AddressError::Port)?,
        None => usual,
    };
    Ok(Host {
        name: name.to_owned(),
        port,
    })
}

fn unescape(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_at_checked(2).ok_or(AddressError::Escape)?;
            let digits = std::str::from_utf8(digits).map_err(|_| AddressError::Escape)?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| AddressError::Escape)?);
            rest = after;
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Escape)
}

#[cfg(test)]
mod tests;
