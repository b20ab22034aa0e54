//! `driftwarden check`: what people write, read beforehand, and whether two plans claim one resource;
//! what the cloud writes is only looked for.

mod areas;

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::{scan, wire};
use crate::config::{Config, RemediationConfig};
use crate::decide::rules::RuleSet;
use crate::engine::{Ownership, Silent};
use crate::ingest::{changes, identity};
use crate::report::escape::{escape, escape_lines};
use areas::{
    accepted, baselines, change_records, evidence, fixes, identity_map, live, load, messages,
    ownership, patterns, rule_set,
};

/// Check the configuration and the files it names: rules, change records, the identity map
///
/// Where all of these are good, plans and states are read too, for resources that two of them claim.
/// Live items and activity are looked for but not read: that is the scan itself.
///
/// Exit status: 0 a scan can start; 1 something is wrong. Nothing is written.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {}

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
        let is_asked = !config.live_aws.is_empty() || !config.refreshes.is_empty();
        if config.live.is_empty() && !is_asked {
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
        let is_fixing = config.handover.is_some()
            || !config.providers.is_empty()
            || !config.config_remediations.is_empty();
        if config.remediation != RemediationConfig::default() || is_fixing {
            self.area("fixes", || fixes(config));
        }
        if !config.channels.is_empty() || !config.routes.is_empty() {
            self.area("messages", || messages(config));
        }
        if self.problems.is_empty() && !config.baselines.is_empty() {
            self.area("ownership", || ownership(hooks, config));
        }
    }
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
