//! What can be asked for.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use super::{check, coverage, demo, evidence, explain, findings, fixes, notify, rules, scan, wire};
use crate::config::DEFAULT_FILE;
use crate::report::escape::escape_lines;

/// Keeps production equal to what was approved, and proves it.
#[derive(Parser)]
#[command(name = "driftwarden", version, max_term_width = 100)]
struct Cli {
    /// The configuration [default: driftwarden.hcl]; `demo`, `rules check` and `rules export` use none
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Scan(scan::ScanArgs),
    #[cfg(feature = "daemon")]
    Run(super::run::RunArgs),
    Check(check::CheckArgs),
    Demo(demo::DemoArgs),
    Findings(findings::FindingsArgs),
    Fixes(fixes::FixesArgs),
    Explain(explain::ExplainArgs),
    Coverage(coverage::CoverageArgs),
    Evidence(evidence::EvidenceArgs),
    Rules(rules::RulesArgs),
    Notify(notify::NotifyArgs),
    #[cfg(feature = "providers")]
    Provider(super::provider::ProviderArgs),
    #[cfg(feature = "providers")]
    #[command(hide = true)]
    ProviderChild(super::provider_child::ProviderChildArgs),
}

/// Parses the command line and does what it says. Results go to stdout, messages to stderr.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return say(&said),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr();
    let done = dispatch(cli, &mut out, &mut err);
    let flushed = out.flush();
    match (done, flushed) {
        (Ok(code), Ok(())) => code,
        // A reader that has seen enough (`| head`) is no error.
        (Ok(code), Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => code,
        (Err(error), _) if is_broken_pipe(&error) => ExitCode::FAILURE,
        (Ok(_), Err(error)) => complain(&mut err, &wire::unwritten(&error)),
        (Err(error), _) => match error.downcast_ref::<io::Error>() {
            Some(cause) => complain(&mut err, &wire::unwritten(cause)),
            None => complain(&mut err, &error),
        },
    }
}

fn dispatch(cli: Cli, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let given = cli.config.as_deref();
    let config = given.unwrap_or(Path::new(DEFAULT_FILE));
    match cli.command {
        Command::Scan(args) => scan::run(&args, config, out, err),
        #[cfg(feature = "daemon")]
        Command::Run(args) => super::run::run(&args, config),
        Command::Check(check::CheckArgs {}) => check::run(config, out, err),
        Command::Demo(args) => demo::run(&args, out, err),
        Command::Findings(args) => findings::run(args, config, out),
        Command::Fixes(args) => fixes::run(&args, config, out),
        Command::Explain(args) => explain::run(&args, config, out),
        Command::Coverage(args) => coverage::run(&args, config, out),
        Command::Evidence(args) => evidence::run_configured(args, config, out),
        Command::Rules(args) => rules::run(&args, given, out),
        Command::Notify(args) => notify::run(args, config, out),
        #[cfg(feature = "providers")]
        Command::Provider(args) => super::provider::run(&args, config, out, err),
        #[cfg(feature = "providers")]
        Command::ProviderChild(args) => Err(super::provider_child::run(&args)),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Help is a result. A wrong command line is a job that could not be done: clap's own status for it,
/// 2, would say that there are deviations.
fn say(said: &clap::Error) -> ExitCode {
    // Where even the terminal is gone there is nobody left to tell.
    let _ = said.print();
    match said.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn complain(err: &mut dyn Write, error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(err, "error: {}", escape_lines(&wire::explained(error)));
    ExitCode::FAILURE
}
