//! `driftwarden scan`: one look at everything, judged and recorded.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use super::wire::outside::Outsiders;
use super::{progress, wire};
use crate::engine::Outcome;
use crate::model::OutsideStanding;
use crate::report::{self, EvidenceRef, ScanReport, Style};

/// Compare live state with what was approved, judge every deviation, record it.
///
/// Exit status: 0 everything in scope was seen and nothing is to be acted on; 2 deviations, gaps or
/// indeterminate verdicts; 1 the scan could not do its job, or its records did not reach the level of
/// durability that the configuration asks for.
#[derive(clap::Args)]
pub struct ScanArgs {
    /// How to print the result.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Threads to read with [default: one per core].
    #[arg(long, value_name = "N", value_parser = thread_count)]
    threads: Option<std::num::NonZeroUsize>,
    /// Look at every resource of the workspaces that have `providers` through them, not only at what
    /// needs it. It takes the calls of a refresh.
    #[arg(long)]
    exact: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
    Sarif,
}

pub fn thread_count(text: &str) -> Result<std::num::NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "a whole number, 1 or more".to_owned())
}

pub fn run(
    args: &ScanArgs,
    config_path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let config = wire::load_config(config_path)?;
    let threads = args.threads.map_or_else(cores, std::num::NonZeroUsize::get);
    let bar = progress::Bar::new();
    let mut outsiders = Outsiders::of(&config)?;
    if args.exact && config.providers.is_empty() {
        anyhow::bail!(
            "`--exact` looks through providers, and the configuration has none\n  help: add `providers \"WORKSPACE\" {{ … }}`, as docs/configuration.md says"
        );
    }
    let how = wire::ScanHow {
        threads,
        exact: args.exact,
    };
    let mut look = |shard: &_| outsiders.look(shard, now());
    let outcome = wire::run_scan_after(&config, how, &now, &bar, &mut look);
    bar.clear();
    let outcome = outcome?;
    let told = outsiders.tell(&outcome.evidence, &now);
    for line in &told.behind {
        writeln!(err, "warning: {}", report::escape::escape(line))?;
    }
    for warning in &outcome.warnings {
        writeln!(err, "warning: {}", report::escape::escape(warning))?;
    }
    let dir = config.resolve(&config.evidence.dir).display().to_string();
    let recorded = Recorded {
        dir: &dir,
        outside: told.standing.as_ref(),
    };
    let config_file = config_path.display().to_string();
    print(&outcome, args.format, &config_file, recorded, out)?;
    match told.failed {
        Some(error) => Err(error),
        None => Ok(exit_code(&outcome)),
    }
}

/// Where the evidence of a scan is.
#[derive(Clone, Copy)]
pub struct Recorded<'r> {
    pub dir: &'r str,
    pub outside: Option<&'r OutsideStanding>,
}

pub fn print(
    outcome: &Outcome,
    format: Format,
    config_file: &str,
    recorded: Recorded<'_>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let report = ScanReport {
        started_at: outcome.started_at,
        finished_at: outcome.finished_at,
        assessment: &outcome.assessment,
        totals: outcome.totals,
        evidence: Some(EvidenceRef {
            origin: outcome.evidence.origin.clone(),
            tree_size: outcome.evidence.tree_size,
            root: outcome.evidence.root,
            dir: recorded.dir.to_owned(),
        }),
        outside: recorded.outside,
        warnings: &outcome.warnings,
        not_seen: &outcome.not_seen,
        config_file,
    };
    match format {
        Format::Text => report::text::scan(&report, &style(), out),
        Format::Json => report::json::scan(&report, out),
        Format::Sarif => report::sarif::scan(&report, out),
    }
}

pub fn exit_code(outcome: &Outcome) -> ExitCode {
    if outcome.assessment.is_clean() && outcome.not_seen.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

pub fn style() -> Style {
    let stdout = std::io::stdout();
    let color = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let default = Style::default();
    Style {
        color,
        width: width.unwrap_or(default.width),
        ..default
    }
}

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
