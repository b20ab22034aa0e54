//! `driftwarden rules`: see, explain, write out and check rules.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use crate::decide::rules::{Rule, RuleSet, SHIPPED_FILES};

/// Directories within directories further down than this are refused: a loop of links, surely.
const DEEPEST: usize = 16;

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
    /// Check rule files and say everything that is wrong with them
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Directory of rule files (default: the shipped rules)
    #[arg(long = "rules", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id
    pub id: String,
    /// Directory of rule files (default: the shipped rules)
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

/// Runs the subcommand and writes its result to `out`.
///
/// # Errors
///
/// Rules that cannot be read or are wrong, an unknown id, a file that is in the way.
pub fn run(args: &RulesArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match &args.command {
        RulesCommand::List(list) => run_list(&rule_set(&list.dirs)?, out),
        RulesCommand::Explain(explain) => run_explain(explain, out),
        RulesCommand::Export(export) => run_export(&export.dir, out),
        RulesCommand::Check(check) => run_check(&check.dirs, out),
    }
}

/// The rules in the directories, or the shipped ones where none is given.
///
/// # Errors
///
/// A directory that cannot be read or holds no rule file, and every mistake in the files.
pub fn rule_set(dirs: &[PathBuf]) -> anyhow::Result<RuleSet> {
    if dirs.is_empty() {
        return Ok(RuleSet::shipped()?);
    }
    Ok(RuleSet::parse(&rule_files(dirs)?)?)
}

/// Name and text of every `.hcl` file in the directories and below, by name.
///
/// # Errors
///
/// A directory that cannot be read, a file that is no UTF-8, a directory without a rule file.
pub fn rule_files(dirs: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for dir in dirs {
        let mut found = Vec::new();
        find(dir, 0, &mut found)?;
        if found.is_empty() {
            bail!("there is no rule file (`*.hcl`) in `{}`", dir.display());
        }
        files.append(&mut found);
    }
    files.sort();
    files.dedup();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let text = String::from_utf8(bytes)
            .with_context(|| format!("`{}` is not UTF-8", path.display()))?;
        Ok((path.display().to_string(), text))
    };
    files.into_iter().map(read).collect()
}

fn find(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let cannot_read = || format!("cannot read `{}`", path.display());
    if depth > DEEPEST {
        bail!("`{}` is nested too deeply", path.display());
    }
    let is_dir = fs::metadata(path).with_context(cannot_read)?.is_dir();
    if !is_dir {
        if depth == 0 || path.extension().is_some_and(|end| end == "hcl") {
            found.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        // Editors and version control keep their own files beside ours.
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            find(&entry.path(), depth + 1, found)?;
        }
    }
    Ok(())
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

fn run_explain(args: &ExplainArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match rule_set(&args.dirs)?.explain(&args.id) {
        Ok(text) => {
            write!(out, "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(unknown) => bail!("{unknown}\n  help: {}", unknown.help),
    }
}

fn run_check(dirs: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let files = rule_files(dirs)?;
    let rules = RuleSet::parse(&files)?;
    let (rules, files) = (rules.len(), files.len());
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
