//! `driftwarden rules`: see, explain, write out and check rules.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::wire;
use crate::config::DEFAULT_FILE;
use crate::decide::rules::{Rule, RuleSet, SHIPPED_FILES};

/// See, explain, write out and check rules
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules in the order in which they are asked: the first that matches decides
    List(ListArgs),
    /// Explain one rule: what it gives, what it matches, which rules it goes before
    Explain(ExplainArgs),
    /// Write the shipped rules into a directory, as a start for your own
    Export(ExportArgs),
    /// Check rule files and say everything that is wrong with them (`driftwarden check` looks at those
    /// of the configuration)
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Directory of rule files [default: the rules of the configuration, or the shipped ones]
    #[arg(long = "rules", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id
    pub id: String,
    /// Directory of rule files [default: the rules of the configuration, or the shipped ones]
    #[arg(long = "rules", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Directory to write into; it is made if it does not exist
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Directories of rule files, or single files
    #[arg(required = true)]
    pub dirs: Vec<PathBuf>,
}

/// Runs the subcommand and writes its result to `out`. `config` is the configuration where one was
/// named.
///
/// # Errors
///
/// Rules that cannot be read or are wrong, an unknown id, a file that is in the way.
pub fn run(
    args: &RulesArgs,
    config: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match &args.command {
        RulesCommand::List(list) => run_list(&rule_set(&list.dirs, config)?, out),
        RulesCommand::Explain(explain) => run_explain(explain, config, out),
        RulesCommand::Export(export) => run_export(&export.dir, out),
        RulesCommand::Check(check) => run_check(&check.dirs, out),
    }
}

/// The rules that are asked about: those in the directories; else those of the configuration; else,
/// where no configuration is named and none lies here, the shipped ones.
fn rule_set(dirs: &[PathBuf], config: Option<&Path>) -> anyhow::Result<RuleSet> {
    let here = Path::new(DEFAULT_FILE);
    match (dirs, config) {
        ([], Some(config)) => wire::configured_rules(config),
        ([], None) if here.exists() => wire::configured_rules(here),
        ([], None) => Ok(RuleSet::shipped()?),
        (dirs, _) => Ok(wire::rules_in(dirs)?.0),
    }
}

fn run_list(rules: &RuleSet, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let widest = rules.iter().map(|rule| rule.id.as_str().len()).max();
    let width = widest.unwrap_or_default();
    for rule in rules.iter() {
        let Rule {
            id,
            severity,
            action,
            duties,
            ..
        } = rule;
        let (severity, action) = (severity.as_str(), action.as_str());
        let description = duties.description.as_deref().unwrap_or_default();
        let line = format!(
            "{severity:<9} {action:<10} {:<width$}  {description}",
            id.as_str()
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "{} rules, digest {}", rules.len(), rules.digest())?;
    Ok(ExitCode::SUCCESS)
}

fn run_explain(
    args: &ExplainArgs,
    config: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match rule_set(&args.dirs, config)?.explain(&args.id) {
        Ok(text) => {
            write!(out, "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(unknown) => bail!("{unknown}\n  help: {}", unknown.help),
    }
}

fn run_check(dirs: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (rules, files) = wire::rules_in(dirs)?;
    let rules = rules.len();
    writeln!(out, "{rules} rules in {files} files are in order")?;
    Ok(ExitCode::SUCCESS)
}

/// Writes all files or none: what is in the way is found before the first is written.
fn run_export(dir: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    for (name, _) in SHIPPED_FILES {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            bail!(
                "`{}` exists already\n  help: name another directory, or move the file away",
                path.display()
            );
        }
    }
    for (name, text) in SHIPPED_FILES {
        let path = dir.join(name);
        write_new(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let count = SHIPPED_FILES.len();
    writeln!(out, "wrote {count} files to {}", dir.display())?;
    Ok(ExitCode::SUCCESS)
}

/// Writes beside the place and moves into it, so that no half a file ever has the name.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let partial = path.with_extension("hcl.partial");
    let mut file = File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}
