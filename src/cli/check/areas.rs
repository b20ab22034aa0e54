//! The areas that `check` looks into, each read as a scan would read it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Checked, Hooks, ParseFile, count, with_help};
use crate::adapters::files::{
    self, FileError, FileErrors, change_files, collect_rules, collect_terraform_source,
    collect_waivers, expand,
};
use crate::cli::{scan, wire};
use crate::config::{self, Config};
use crate::report::units::duration;

pub(super) fn load(path: &Path, name: &str) -> Checked<Config> {
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

pub(super) fn evidence(config: &Config) -> Checked<()> {
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

pub(super) fn baselines(config: &Config) -> Checked<()> {
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

pub(super) fn ownership(hooks: &Hooks<'_>, config: &Config) -> Checked<()> {
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
pub(super) fn live(config: &Config) -> Checked<()> {
    wire::check_asked(config).map_err(|error| vec![error.to_string()])?;
    wire::check_refreshes(config).map_err(|error| vec![error.to_string()])?;
    let asked = config.live_aws.len();
    let asked = (asked > 0).then(|| format!("{} to ask", count(asked, "source", "sources")));
    let refreshed = config.refreshes.len();
    let refreshed = (refreshed > 0)
        .then(|| format!("{} to refresh", count(refreshed, "workspace", "workspaces")));
    let asked: Vec<String> = asked.into_iter().chain(refreshed).collect();
    let asked = asked.join("; ");
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

pub(super) fn patterns<'c>(
    config: &Config,
    sources: impl Iterator<Item = &'c [String]>,
) -> Checked<()> {
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

/// A change record or an identity map larger than this is refused unread.
const MAX_RECORD_BYTES: u64 = 64 << 20;

pub(super) fn change_records(hooks: &Hooks<'_>, dir: &Path) -> Checked<()> {
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

pub(super) fn identity_map(hooks: &Hooks<'_>, file: &Path) -> Checked<()> {
    let people = parsed(hooks.identity, file).map_err(|problem| vec![problem])?;
    let found = match people {
        0 => "nobody: no approval can be judged".to_owned(),
        known => count(known, "person", "people"),
    };
    Ok(((), found))
}

pub(super) fn rule_set(hooks: &Hooks<'_>, config: &Config, dirs: &[PathBuf]) -> Checked<()> {
    let files = collect_rules(dirs, &config.base_dir).map_err(many)?;
    let rules = (hooks.rules)(&files)?;
    let rules = count(rules, "rule", "rules");
    Ok((
        (),
        format!("{rules} in {}", count(files.len(), "file", "files")),
    ))
}

/// Whether they stand is for the scan to say: that depends on people, change records and the day.
pub(super) fn accepted(config: &Config, dir: &Path) -> Checked<()> {
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

/// Channels that can be had, and how people want to be told.
pub(super) fn messages(config: &Config) -> Checked<()> {
    wire::check_telling(config).map_err(|error| vec![format!("{error:#}")])?;
    let channels = count(config.channels.len(), "channel", "channels");
    let routes = count(config.routes.len(), "route", "routes");
    Ok((
        (),
        format!("{channels}, {routes}; `driftwarden run` alone tells"),
    ))
}

/// What becomes of fixes, and whether the folder for them can be one.
pub(super) fn fixes(config: &Config) -> Checked<()> {
    let mode = config.remediation.mode;
    wire::check_fixing(config).map_err(|error| vec![format!("{error:#}")])?;
    let own = config.providers.len();
    let by_providers = match own {
        0 => String::new(),
        some => {
            let workspaces = count(some, "workspace", "workspaces");
            format!("; through the providers of {workspaces}")
        }
    };
    let documents = config.config_remediations.len();
    let by_documents = match documents {
        0 => String::new(),
        some => {
            let some = count(some, "remediation", "remediations");
            format!("; by {some} of AWS Config")
        }
    };
    let Some(handover) = &config.handover else {
        let nobody = match own + documents {
            0 => "; nobody carries anything out",
            _ => "",
        };
        let by = format!("{by_providers}{by_documents}{nobody}");
        return Ok(((), format!("the mode is `{mode}`{by}")));
    };
    let dir = config.resolve(&handover.dir);
    if dir.exists() && !dir.is_dir() {
        let help = "name a folder as `dir` of `handover`";
        let what = format!("`{}` is no folder", dir.display());
        return Err(vec![format!("{what}\n  help: {help}")]);
    }
    let dir = dir.display();
    let said = format!("the mode is `{mode}`{by_providers}{by_documents}; handed over in `{dir}`");
    Ok(((), said))
}

fn parsed(parse: ParseFile<'_>, path: &Path) -> Result<usize, String> {
    let bytes = files::read_bounded(path, MAX_RECORD_BYTES);
    let bytes = bytes.map_err(|error| with_help(&error, error.help().as_deref()))?;
    parse(&path.display().to_string(), &bytes)
}

fn one(error: FileError) -> Vec<String> {
    many(FileErrors::from(error))
}

fn many(errors: FileErrors) -> Vec<String> {
    let told = errors.0.iter();
    told.map(|error| with_help(error, error.help().as_deref()))
        .collect()
}
