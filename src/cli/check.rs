//! `driftwarden check`: what people write, read beforehand, and whether two plans claim one resource;
//! what the cloud writes is only looked for.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{scan, wire};
use crate::adapters::files::{
    self, FileError, FileErrors, change_files, collect_rules, collect_terraform_source,
    collect_waivers, expand,
};
use crate::config::{self, Config};
use crate::decide::rules::RuleSet;
use crate::engine::{Ownership, Silent};
use crate::ingest::{changes, identity};
use crate::report::escape::{escape, escape_lines};
use crate::report::units::duration;

/// Check the configuration and the files it names: rules, change records, the identity map
///
/// Where all of these are good, plans and states are read too, for resources that two of them claim.
/// Live items and activity are looked for but not read: that is the scan itself.
///
/// Exit status: 0 a scan can start; 1 something is wrong. Nothing is written.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {}

/// A change record or an identity map larger than this is refused unread.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// A parser of one file, by name and bytes: how many it holds, or what is wrong with it.
type ParseFile<'h> = &'h dyn Fn(&str, &[u8]) -> Result<usize, String>;

/// A parser of all files of an area at once, by name and bytes.
type ParseAll<'h> = &'h dyn Fn(&[(String, Vec<u8>)]) -> Result<usize, Vec<String>>;

/// A parser of all files of an area at once, by name and text.
type ParseTexts<'h> = &'h dyn Fn(&[(String, String)]) -> Result<usize, Vec<String>>;

/// The parsers that `check` asks; each returns a count of what it read, or a message.
pub struct Hooks<'h> {
    /// How many rules the files hold: rules load whole or not at all.
    pub rules: ParseTexts<'h>,
    /// How many change records the files hold: no number may have two records that differ.
    pub changes: ParseAll<'h>,
    /// The identity map: how many people it holds.
    pub identity: ParseFile<'h>,
    /// What is approved, each by one workspace.
    pub ownership: &'h dyn Fn(&Config) -> Result<Ownership, String>,
}

/// Checks the configuration at `config_path`. What is good goes to `out`, problems go to `err`.
///
/// # Errors
/// Where `out` or `err` cannot be written.
pub fn run(
    config_path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let hooks = Hooks {
        rules: &|files| {
            RuleSet::parse(files)
                .map(|rules| rules.len())
                .map_err(|errors| {
                    let all = errors.iter();
                    all.map(|e| with_help(e, e.help.as_deref())).collect()
                })
        },
        changes: &all_changes,
        identity: &|name, bytes| {
            let people = identity::parse(name, bytes).map_err(|e| with_help(&e, e.help()))?;
            Ok(people.people().len())
        },
        ownership: &|config| {
            let found = wire::run_ownership(config, scan::cores(), &scan::now, &Silent);
            found.map_err(|error| format!("{error:#}"))
        },
    };
    let good = check_with(&hooks, config_path, out, err)?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn all_changes(files: &[(String, Vec<u8>)]) -> Result<usize, Vec<String>> {
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        match changes::parse(name, bytes) {
            Ok(found) => records.extend(found),
            Err(error) => problems.push(with_help(&error, error.help())),
        }
    }
    if let Err(error) = changes::check_unique(&records) {
        problems.push(with_help(&error, error.help()));
    }
    match problems.is_empty() {
        true => Ok(records.len()),
        false => Err(problems),
    }
}

/// As [`run`], with other parsers: whether everything is good.
///
/// # Errors
/// Where `out` or `err` cannot be written.
pub fn check_with(
    hooks: &Hooks<'_>,
    config_path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut checks = Checks {
        areas: Vec::new(),
        problems: Vec::new(),
    };
    let name = config_path.display().to_string();
    if let Some(config) = checks.area("configuration", || load(config_path, &name)) {
        checks.all(hooks, &config);
    }
    for area in &checks.areas {
        writeln!(out, "{}", escape(area))?;
    }
    for problem in &checks.problems {
        writeln!(err, "error: {}", escape_lines(problem))?;
    }
    match checks.problems.len() {
        0 => writeln!(out, "\nA scan can start.")?,
        1 => writeln!(err, "\n1 problem; no scan starts before it is mended.")?,
        many => writeln!(
            err,
            "\n{many} problems; no scan starts before they are mended."
        )?,
    }
    Ok(checks.problems.is_empty())
}

/// What was checked and what is wrong, each in the order in which a scan meets it.
struct Checks {
    areas: Vec<String>,
    problems: Vec<String>,
}

/// A value with what to say about it, or problems.
type Checked<T> = Result<(T, String), Vec<String>>;

impl Checks {
    /// Notes one area as good or bad; the value where it is good.
    fn area<T>(&mut self, name: &str, check: impl FnOnce() -> Checked<T>) -> Option<T> {
        match check() {
            Ok((value, said)) => {
                self.areas.push(format!("{name:<14} good  {said}"));
                Some(value)
            }
            Err(problems) => {
                let said = count(problems.len(), "problem", "problems");
                self.areas.push(format!("{name:<14} bad   {said}"));
                self.problems.extend(problems);
                None
            }
        }
    }

    fn absent(&mut self, name: &str, said: &str) {
        self.areas.push(format!("{name:<14} none  {said}"));
    }

    fn all(&mut self, hooks: &Hooks<'_>, config: &Config) {
        self.area("evidence", || evidence(config));
        if config.baselines.is_empty() {
            self.absent("baselines", "everything live is unmanaged");
        } else {
            self.area("baselines", || baselines(config));
        }
        if config.live.is_empty() && config.live_aws.is_empty() {
            self.absent("live", "every approved resource is a gap");
        } else {
            self.area("live", || live(config));
        }
        let is_heard = !config.queues.is_empty() || !config.lookups.is_empty();
        if is_heard {
            let queues = count(config.queues.len(), "queue", "queues");
            let asked = count(config.lookups.len(), "event history", "event histories");
            let said = format!("{queues}, {asked}; `driftwarden run` alone listens");
            self.area("events", || Ok(((), said)));
        } else if config.activity.is_empty() {
            self.absent("activity", "no deviation is attributed");
        }
        if !config.activity.is_empty() {
            let sources = config.activity.iter().map(|one| one.files.as_slice());
            self.area("activity", || patterns(config, sources));
        }
        match &config.changes {
            None => self.absent("changes", "no change record authorises anything"),
            Some(changes) => {
                let dir = config.resolve(&changes.dir);
                self.area("changes", || change_records(hooks, &dir));
            }
        }
        match &config.identity {
            None => self.absent("identity", "approvals are indeterminate unless assumed"),
            Some(identity) => {
                let file = config.resolve(&identity.file);
                self.area("identity", || identity_map(hooks, &file));
            }
        }
        match &config.rules {
            None => self.absent("rules", "the shipped rules hold"),
            Some(rules) => {
                self.area("rules", || rule_set(hooks, config, &rules.dirs));
            }
        }
        if let Some(waivers) = &config.waivers {
            self.area("waivers", || accepted(config, &waivers.dir));
        }
        if self.problems.is_empty() && !config.baselines.is_empty() {
            self.area("ownership", || ownership(hooks, config));
        }
    }
}

fn load(path: &Path, name: &str) -> Checked<Config> {
    let text = files::read_text(path, config::MAX_BYTES as u64);
    let text = text.map_err(|error| vec![wire::message(&wire::no_config(&error))])?;
    match config::parse(name, &text) {
        Ok(config) => Ok((config, format!("`{name}`"))),
        Err(errors) => {
            let told = errors.errors.iter();
            Err(told
                .map(|error| with_help(error, error.help.as_deref()))
                .collect())
        }
    }
}

fn evidence(config: &Config) -> Checked<()> {
    wire::outside::check(config).map_err(|error| vec![error.to_string()])?;
    let dir = config.resolve(&config.evidence.dir);
    let shown = dir.display();
    match std::fs::metadata(&dir) {
        Ok(found) if found.is_dir() => {
            wire::check_evidence(config)
                .map_err(|error| vec![with_help(&error, Some(error.help()))])?;
            Ok(((), format!("the log in `{shown}`{}", newest_record(config))))
        }
        Ok(_) => Err(vec![with_help(
            &format!("`{shown}` is a file, not a folder"),
            Some("name a folder as `dir` of `evidence`"),
        )]),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(((), format!("a new log will begin in `{shown}`")))
        }
        Err(cause) => Err(one(FileError::Read { path: dir, cause })),
    }
}

/// How old the newest record is, if there is one that can be read.
fn newest_record(config: &Config) -> String {
    let Some(newest) = wire::newest_record(config) else {
        return String::new();
    };
    let age = scan::now().duration_since(newest).as_secs();
    match u64::try_from(age) {
        Ok(age) => format!(", whose newest record is {} old", duration(age)),
        Err(_) => format!(", whose newest record is of {newest}, later than the clock here"),
    }
}

fn baselines(config: &Config) -> Checked<()> {
    let workspaces = files::workspaces(config).map_err(many)?;
    let plans = workspaces.iter().map(|one| one.plans.len()).sum();
    let assumed = workspaces.iter().filter(|one| one.assumed).count();
    let mut sources = 0;
    let mut problems = Vec::new();
    let dirs = workspaces.iter().filter_map(|one| one.source.as_deref());
    for dir in dirs.collect::<BTreeSet<_>>() {
        match collect_terraform_source(dir) {
            Ok(files) => sources += files.len(),
            Err(errors) => problems.extend(many(errors)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut said = format!(
        "{}, {}",
        count(workspaces.len(), "workspace", "workspaces"),
        count(plans, "plan", "plans")
    );
    if sources > 0 {
        said.push_str(&format!(
            ", {}",
            count(sources, "source file", "source files")
        ));
    }
    if assumed > 0 {
        said.push_str(&format!(
            "; {assumed} assumed approved without a change record"
        ));
    }
    Ok(((), said))
}

fn ownership(hooks: &Hooks<'_>, config: &Config) -> Checked<()> {
    let found = (hooks.ownership)(config).map_err(|problem| vec![problem])?;
    let approved = count(found.approved, "approved resource", "approved resources");
    let said = match &found.twice[..] {
        [] => format!("{approved}, none in two places"),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(", and {more} more such pairs"),
            };
            format!("{approved}; each a gap until one is taken out: {first}{more}")
        }
    };
    Ok(((), said))
}

/// Nobody is asked: rights and recorders show in the scan itself.
fn live(config: &Config) -> Checked<()> {
    wire::check_asked(config).map_err(|error| vec![error.to_string()])?;
    let asked = match config.live_aws.len() {
        0 => String::new(),
        some => format!("{} to ask", count(some, "source", "sources")),
    };
    if config.live.is_empty() {
        return Ok(((), asked));
    }
    let sources = config.live.iter().map(|live| live.files.as_slice());
    let ((), said) = patterns(config, sources)?;
    match asked.is_empty() {
        true => Ok(((), said)),
        false => Ok(((), format!("{said}; {asked}"))),
    }
}

fn patterns<'c>(config: &Config, sources: impl Iterator<Item = &'c [String]>) -> Checked<()> {
    let mut found = 0;
    let mut total = 0;
    let mut problems = Vec::new();
    for patterns in sources {
        total += 1;
        match expand(patterns, &config.base_dir) {
            Ok(files) => found += files.len(),
            Err(errors) => problems.extend(many(errors)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (sources, files) = (
        count(total, "source", "sources"),
        count(found, "file", "files"),
    );
    Ok(((), format!("{sources}, {files}")))
}

fn change_records(hooks: &Hooks<'_>, dir: &Path) -> Checked<()> {
    let files = change_files(dir).map_err(one)?;
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for file in &files {
        match files::read_bounded(file, MAX_RECORD_BYTES) {
            Ok(bytes) => read.push((file.display().to_string(), bytes)),
            Err(error) => problems.push(with_help(&error, error.help().as_deref())),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let records = (hooks.changes)(&read)?;
    let records = count(records, "change record", "change records");
    Ok((
        (),
        format!("{records} in {}", count(files.len(), "file", "files")),
    ))
}

fn identity_map(hooks: &Hooks<'_>, file: &Path) -> Checked<()> {
    let people = parsed(hooks.identity, file).map_err(|problem| vec![problem])?;
    let found = match people {
        0 => "nobody: no approval can be judged".to_owned(),
        known => count(known, "person", "people"),
    };
    Ok(((), found))
}

fn rule_set(hooks: &Hooks<'_>, config: &Config, dirs: &[PathBuf]) -> Checked<()> {
    let files = collect_rules(dirs, &config.base_dir).map_err(many)?;
    let rules = (hooks.rules)(&files)?;
    let rules = count(rules, "rule", "rules");
    Ok((
        (),
        format!("{rules} in {}", count(files.len(), "file", "files")),
    ))
}

/// Whether they stand is for the scan to say: that depends on people, change records and the day.
fn accepted(config: &Config, dir: &Path) -> Checked<()> {
    let files = collect_waivers(dir, &config.base_dir).map_err(many)?;
    let (mut waivers, mut problems) = (0, Vec::new());
    for (name, text) in &files {
        match config::parse_waivers(name, text) {
            Ok(found) => waivers += found.len(),
            Err(errors) => {
                let told = errors.errors.iter();
                problems.extend(told.map(|error| with_help(error, error.help.as_deref())));
            }
        }
    }
    match problems.is_empty() {
        true => Ok(((), count(waivers, "waiver", "waivers"))),
        false => Err(problems),
    }
}

fn parsed(parse: ParseFile<'_>, path: &Path) -> Result<usize, String> {
    let bytes = files::read_bounded(path, MAX_RECORD_BYTES);
    let bytes = bytes.map_err(|error| with_help(&error, error.help().as_deref()))?;
    parse(&path.display().to_string(), &bytes)
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn with_help(problem: &dyn Display, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{problem}\n  help: {help}"),
        None => problem.to_string(),
    }
}

fn one(error: FileError) -> Vec<String> {
    many(FileErrors::from(error))
}

fn many(errors: FileErrors) -> Vec<String> {
    let told = errors.0.iter();
    told.map(|error| with_help(error, error.help().as_deref()))
        .collect()
}
