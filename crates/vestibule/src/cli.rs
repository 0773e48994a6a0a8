//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::client::{CallArgs, LogoutArgs, ToolsArgs};
use crate::commands::login::LoginArgs;
use crate::commands::probe::ProbeArgs;

/// The authorization broker for MCP.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a broker and a protected MCP server on this machine, with users to try.
    Demo(DemoArgs),
    /// Start the demo's MCP server alone, over HTTP or on standard input and output.
    DemoServer(DemoServerArgs),
    /// Start the broker that a configuration file describes.
    Serve(ConfigArgs),
    /// Look at a configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Check whatever can be checked before the first login, and say what to mend.
    Doctor(DoctorArgs),
    /// Ask the running broker whether it takes requests; exit code 1 if it does not.
    Health(OperatorArgs),
    /// Look at the running broker's clients, shut them out, or forget them.
    Clients {
        /// What to do with them.
        #[command(subcommand)]
        command: ClientsCommand,
    },
    /// Look at the running broker's sessions, or end them.
    Sessions {
        /// What to do with them.
        #[command(subcommand)]
        command: SessionsCommand,
    },
    /// Look at the running broker's signing keys, or rotate them.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Look at the running broker's limits, and at what has come of them.
    Limits {
        /// What to do with them.
        #[command(subcommand)]
        command: LimitsCommand,
    },
    /// Ask the running broker who may have which scopes.
    Policy {
        /// What to ask.
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Hash a password for a local user: asks for it, or reads one line from standard input.
    HashPassword,
    /// Look at any MCP server or authorization server as its clients do, and say where they would stop.
    Probe(ProbeArgs),
    /// Log in at an MCP server, as an MCP client does: a person, a service, a workload.
    Login(LoginArgs),
    /// List the tools of an MCP server.
    Tools(ToolsArgs),
    /// Call a tool of an MCP server.
    Call(CallArgs),
    /// End the session at an MCP server and forget its tokens.
    Logout(LogoutArgs),
}

/// `vestibule demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The broker's port.
    #[arg(long, default_value_t = 3009, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// The MCP server's port.
    #[arg(long, default_value_t = 3001, value_parser = clap::value_parser!(u16).range(1..))]
    pub mcp_port: u16,
    /// Where the demo keeps its data [default: vestibule/demo in the user's data directory].
    #[arg(long, value_name = "DIR", conflicts_with = "memory")]
    pub data: Option<PathBuf>,
    /// Keep everything in memory: nothing is left when the demo stops.
    #[arg(long)]
    pub memory: bool,
    /// Take only access tokens that are bound to a key (DPoP), and ask for a nonce in each proof.
    #[arg(long)]
    pub dpop: bool,
}

/// `vestibule demo-server`
#[derive(Debug, Args)]
pub struct DemoServerArgs {
    /// The broker that issues tokens for it.
    #[arg(long, default_value = "http://localhost:3009")]
    pub issuer: String,
    /// The server's own URI, as the broker knows it.
    #[arg(long, default_value = "http://localhost:3001/mcp")]
    pub resource: String,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:3001", conflicts_with = "stdio")]
    pub listen: std::net::SocketAddr,
    /// Speak on standard input and output, with the token in the environment variable VESTIBULE_TOKEN.
    #[arg(long)]
    pub stdio: bool,
    /// Take only access tokens that are bound to a key (DPoP), and ask for a nonce in each proof.
    #[arg(long)]
    pub dpop: bool,
    /// Where notes are kept; in memory without it.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// A configuration file.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The configuration file.
    #[arg(
        long,
        value_name = "FILE",
        env = "VESTIBULE_CONFIG",
        default_value = "vestibule.toml"
    )]
    pub config: PathBuf,
}

/// `vestibule doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The configuration to check.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `vestibule config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Find every mistake in a configuration file.
    Check(CheckArgs),
}

/// `vestibule config check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The configuration file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `vestibule clients …`
#[derive(Debug, Subcommand)]
pub enum ClientsCommand {
    /// List the clients: those in the configuration, those that registered themselves, and those known by a document.
    List(ListArgs),
    /// Show one client.
    Show(ClientArgs),
    /// Approve a client that is known by the document at its address ([client_documents] require_approval).
    Approve(ClientArgs),
    /// Shut a client out, and end its sessions.
    Block(ClientArgs),
    /// Let a client in again; its users have to connect it anew.
    Unblock(ClientArgs),
    /// Forget a client, and end its sessions. It may register again: to prevent that, block it.
    Delete(ClientArgs),
}

/// How much of a listing is shown.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Show no more than this many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// How to reach the broker.
    #[command(flatten)]
    pub operator: OperatorArgs,
}

/// One client.
#[derive(Debug, Args)]
pub struct ClientArgs {
    /// The client's id.
    #[arg(value_name = "CLIENT_ID")]
    pub id: String,
    /// How to reach the broker.
    #[command(flatten)]
    pub operator: OperatorArgs,
}

/// `vestibule sessions …`
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List the live sessions: all, or those of a user, a client and a resource.
    List {
        /// Whose.
        #[command(flatten)]
        filter: FilterArgs,
        /// How much of it.
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one session.
    Show {
        /// The session's id.
        sid: String,
        /// How to reach the broker.
        #[command(flatten)]
        operator: OperatorArgs,
    },
    /// End a session, or all that are meant: every token of theirs is revoked.
    End(EndArgs),
}

/// Which sessions: those for which all that is named holds.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Those of this user, by the `sub` of its tokens: local:ada
    #[arg(long, value_name = "SUB")]
    pub user: Option<String>,
    /// Those of this client.
    #[arg(long, value_name = "CLIENT_ID")]
    pub client: Option<String>,
    /// Those for this MCP server.
    #[arg(long, value_name = "URI")]
    pub resource: Option<String>,
}

/// `vestibule sessions end`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["sid", "user", "client", "resource", "everybody"]))]
pub struct EndArgs {
    /// The session's id.
    #[arg(conflicts_with_all = ["user", "client", "resource", "everybody"])]
    pub sid: Option<String>,
    /// Those that are meant.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Everybody's.
    #[arg(long, conflicts_with_all = ["user", "client", "resource"])]
    pub everybody: bool,
    /// How to reach the broker.
    #[command(flatten)]
    pub operator: OperatorArgs,
}

/// `vestibule keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys: the one that signs, the next, and those that still verify.
    List(OperatorArgs),
    /// Let the next key sign, as soon as every verifier can know it.
    Rotate(OperatorArgs),
}

/// `vestibule limits …`
#[derive(Debug, Subcommand)]
pub enum LimitsCommand {
    /// Show each rule, and how often it let through, refused or reported since this replica started.
    Show(OperatorArgs),
}

/// `vestibule policy …`
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say which rule gives a user which scope, or why none does.
    Explain(ExplainArgs),
}

/// `vestibule policy explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The user, by the `sub` of its tokens: local:ada
    #[arg(long, value_name = "SUB")]
    pub user: String,
    /// The client through which the user comes.
    #[arg(long, value_name = "CLIENT_ID")]
    pub client: String,
    /// The MCP server [default: every one].
    #[arg(long, value_name = "URI")]
    pub resource: Option<String>,
    /// The scopes, with spaces between them [default: all of the MCP server].
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// A verified address, in place of the one that the provider told of last.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// A group, in place of those that the provider told of last; may be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,
    /// A role, in place of those that the provider told of last; may be repeated.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// How to reach the broker.
    #[command(flatten)]
    pub operator: OperatorArgs,
}

/// How to reach the running broker.
#[derive(Debug, Args)]
pub struct OperatorArgs {
    /// The operators' socket, whatever --config says [default: the one of --config, else the demo's].
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// The configuration that the broker runs with.
    #[arg(long, value_name = "FILE", env = "VESTIBULE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
