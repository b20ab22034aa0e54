//! `driftwarden explain`: why something is a finding, or why it is none.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use super::{progress, scan, wire};
use crate::engine::Question;
use crate::model::{Address, AttributePath, WorkspaceName};
use crate::report::explain::{ExplainReport, json, text};

/// Show how one finding, or one attribute, was compared: both values, each step, the table row
///
/// `explain FINDING` takes the key of a finding, as `findings` shows it, or the id of a deviation, as
/// `scan --format json` does; its first digits are enough. `explain ADDRESS` does the same for the one
/// finding of an approved resource, and lists them where there are more, with what lies within it and
/// nobody approved: a bucket's access list. `explain ADDRESS ATTRIBUTE` takes the
/// address of an approved resource and a JSON pointer, and tells why nothing was reported there:
/// `explain aws_s3_bucket.logs /tags_all`.
///
/// Reads the inputs of a scan again, and records nothing. Shown are the table and its row; the
/// approved value, from which plan or state; the live value, from which item, refresh or provider; both in
/// canonical form; each equivalence that was considered, in order, whether it held and why; the
/// outcome. Of a secret only the digest is shown.
///
/// Exit status: 0 it was explained; 1 it could not be, or nothing is called so.
#[derive(clap::Args)]
pub struct ExplainArgs {
    /// A finding's key or a deviation's id, or the address of an approved resource.
    #[arg(value_name = "FINDING|ADDRESS")]
    subject: String,
    /// With an address: the attribute, as a JSON pointer.
    #[arg(value_name = "ATTRIBUTE")]
    attribute: Option<String>,
    /// With an address: the workspace, where more than one has it.
    #[arg(long, value_name = "NAME", requires = "attribute")]
    workspace: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Threads to read with [default: one per core].
    #[arg(long, value_name = "N", value_parser = scan::thread_count)]
    threads: Option<std::num::NonZeroUsize>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

pub fn run(args: &ExplainArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let question = match &args.attribute {
        None => Question::Finding(args.subject.clone()),
        Some(attribute) => Question::Attribute {
            workspace: args.workspace.as_deref().map(WorkspaceName::from),
            address: Address::from(args.subject.as_str()),
            attribute: pointer(attribute),
        },
    };
    let threads = args
        .threads
        .map_or_else(scan::cores, std::num::NonZeroUsize::get);
    show(config, &question, args.format, threads, &scan::now, out)?;
    Ok(ExitCode::SUCCESS)
}

/// The first slash may be left out.
fn pointer(attribute: &str) -> AttributePath {
    match attribute.starts_with('/') {
        true => AttributePath::from(attribute),
        false => AttributePath::from(format!("/{attribute}")),
    }
}

/// Explains, as of the time that `clock` tells, and prints.
///
/// # Errors
/// As a scan; a question that names nothing, or more than one thing.
pub fn show(
    config: &Path,
    question: &Question,
    format: Format,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let config = wire::load_config(config)?;
    let bar = progress::Bar::new();
    let answer = wire::run_explain(&config, question, threads, clock, &bar);
    bar.clear();
    let answer = answer?;
    let report = ExplainReport {
        of_finding: matches!(question, Question::Finding(_)),
        judged: &answer.judged,
        recorded: answer.recorded.as_ref(),
        explanation: answer.explanation.as_ref(),
    };
    match format {
        Format::Text => text(&report, &scan::style(), out)?,
        Format::Json => json(&report, out)?,
    }
    Ok(())
}
