//! The program: reads the command line and runs one command.

use std::process::ExitCode;

use clap::Parser as _;

use vestibule::cli::Cli;

fn main() -> ExitCode {
    vestibule::run(Cli::parse())
}
