//! The auditor's verifier: checks an evidence folder offline, with no trust in whoever wrote it.

mod anchors;
mod args;
mod keys;
mod log;
mod pack;
mod proof;
mod shelf;
mod verdict;
mod worm;

use std::io::{self, Write};
use std::process::ExitCode;

use driftwarden::report::escape::escape;

use args::{Command, USAGE};

fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            // Where even stderr is gone there is nobody left to tell.
            let _ = write!(io::stderr(), "error: {}\n\n{USAGE}", escape(&message));
            return ExitCode::from(2);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = match &command {
        Command::Help => out.write_all(USAGE.as_bytes()).map(|()| true),
        Command::Log(arguments) => log::run(arguments, &mut out),
        Command::Logs(arguments) => shelf::run(arguments, &mut out),
        Command::Pack(arguments) => pack::run(arguments, &mut out),
        Command::Proof(arguments) => proof::run(arguments, &mut out),
    };
    match done.and_then(|is_good| out.flush().map(|()| is_good)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}
