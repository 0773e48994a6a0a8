//! The program's library and its composition root: reads the configuration, picks the parts, serves.
//!
//! Everything that a person sets is in [`config`]; each subcommand is a file in `commands/`; what a running broker is made of
//! is in `service/`. This crate holds no rule of the protocol and no decision of the domain.

pub mod cli;
mod commands;
pub mod config;
mod doctor;
mod failure;
mod service;

use std::process::ExitCode;

use cli::{Cli, Command, ConfigCommand};

/// Runs one command and says how it went.
#[expect(
    clippy::print_stderr,
    reason = "the one place that tells a person how a command failed"
)]
pub fn run(cli: Cli) -> ExitCode {
    // Two TLS back ends in one process would each refuse to be the default; this program has one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match dispatch(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vestibule: {}", failure::told(&error));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => block_on(commands::demo::run(args)),
        Command::DemoServer(args) => block_on(commands::demo_server::run(args)),
        Command::Serve(args) => block_on(commands::serve::run(args)),
        Command::Config {
            command: ConfigCommand::Check(args),
        } => commands::config_check::run(&args),
        Command::Doctor(args) => block_on(commands::doctor::run(args)),
        Command::Health(args) => block_on(done(commands::health::run(args))),
        Command::Clients { command } => block_on(done(commands::clients::run(command))),
        Command::Probe(args) => block_on(commands::probe::run(args)),
        Command::Policy { command } => block_on(commands::policy::run(command)),
        Command::Sessions { command } => block_on(done(commands::sessions::run(command))),
        Command::Keys { command } => block_on(commands::keys::run(command)),
        Command::Limits { command } => block_on(done(commands::limits::run(command))),
        Command::HashPassword => commands::hash_password::run(),
        Command::Login(args) => block_on(done(commands::login::run(args))),
        Command::Tools(args) => block_on(done(commands::client::run_tools(args))),
        Command::Call(args) => block_on(done(commands::client::run_call(args))),
        Command::Logout(args) => block_on(done(commands::client::run_logout(args))),
    }
}

/// A command that has nothing more to say than that it worked.
async fn done(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    command.await.map(|()| ExitCode::SUCCESS)
}

fn block_on<F: Future<Output = anyhow::Result<ExitCode>>>(command: F) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(command)
}
