//! Logs brought back from the mirror.

use std::path::Path;

use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::outside::{built, explained, must_be_built};
pub use crate::adapters::remote::Restored;
use crate::adapters::remote::restore;
use crate::adapters::store::{Folder, Threads};
use crate::config::{Config, MirrorConfig};
use crate::evidence::checkpoint::MAX_NOTE_BYTES;
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::source::Source;
use crate::evidence::verify::{Failure, LogsTrust, verify_logs};

/// So many years before and after this one are looked for in a mirror.
const YEARS: std::ops::RangeInclusive<i16> = -50..=1;

/// Logs as they were brought back, by their year; no year where there is only one.
pub struct Logs {
    pub logs: Vec<(Option<String>, Restored)>,
    /// Where they do not fit together, or are not signed by the key that was given.
    pub failures: Vec<Failure>,
}

/// Brings the log back from the mirror that the configuration names; of yearly shards all, or one.
///
/// # Errors
/// It names none, or one that is not built in; or what the mirror holds is not one whole log.
pub fn restored(
    config: &Config,
    out: &Path,
    pinned: Option<LogKey>,
    year: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<Logs> {
    must_be_built(config)?;
    let Some(mirror) = &config.evidence.outside.mirror else {
        let what = "the configuration names no mirror".to_owned();
        let help = "add `mirror \"s3\" { … }` within `evidence`";
        return Err(explained(what, help.to_owned()));
    };
    if !config.evidence.yearly {
        if year.is_some() {
            bail!("the log is not in yearly shards\n  help: leave `--shard` out");
        }
        let one = restore_one(mirror, None, out, pinned)?;
        return Ok(Logs {
            logs: vec![(None, one)],
            failures: Vec::new(),
        });
    }
    if let Some(year) = year {
        let one = restore_one(mirror, Some(year), out, pinned)?;
        return Ok(Logs {
            logs: vec![(Some(year.to_owned()), one)],
            failures: Vec::new(),
        });
    }
    if out.exists() {
        bail!(
            "`{}` is there already\n  help: name a folder that does not exist yet",
            out.display()
        );
    }
    let mut logs = Vec::new();
    for year in years(mirror, now)? {
        let one = restore_one(mirror, Some(&year), &out.join(&year), None)?;
        logs.push((Some(year), one));
    }
    let folders = logs.iter().filter_map(|(year, _)| {
        let year = year.clone()?;
        let folder = Folder::new(&out.join(&year));
        Some((year, folder))
    });
    let folders: Vec<(String, Folder)> = folders.collect();
    let sources = folders.iter();
    let sources: Vec<(String, &dyn Source)> = sources
        .map(|(year, folder)| (year.clone(), folder as &dyn Source))
        .collect();
    let trust = LogsTrust {
        key: pinned,
        ..LogsTrust::default()
    };
    let all = verify_logs(&sources, &trust, &Threads::all());
    let failures = all.failures;
    Ok(Logs { logs, failures })
}

fn restore_one(
    mirror: &MirrorConfig,
    year: Option<&str>,
    out: &Path,
    pinned: Option<LogKey>,
) -> anyhow::Result<Restored> {
    let store = built::store(mirror, year.map(str::to_owned))?;
    let restored = restore(&*store, out, pinned);
    restored.map_err(|error| explained(error.to_string(), error.help().to_owned()))
}

/// The years that the mirror has a log of.
fn years(mirror: &MirrorConfig, now: Timestamp) -> anyhow::Result<Vec<String>> {
    let this = now.to_zoned(TimeZone::UTC).year();
    let years = YEARS.map(|year| format!("{:04}", this.saturating_add(year)));
    let years: Vec<String> = years.collect();
    let keys: Vec<String> = years
        .iter()
        .map(|year| format!("{year}/{}", path::VERIFIER_KEY))
        .collect();
    let store = built::store(mirror, None)?;
    let found = store.get_all(&keys, MAX_NOTE_BYTES);
    let found = found.map_err(|error| {
        let help = "try again when the mirror answers".to_owned();
        explained(error.to_string(), help)
    })?;
    let there = years.into_iter().zip(found);
    let there: Vec<String> = there.filter_map(|(year, key)| key.map(|_| year)).collect();
    match there.is_empty() {
        true => bail!(
            "{} holds no log of any year\n  help: is `prefix` of `mirror` right?",
            store.place()
        ),
        false => Ok(there),
    }
}
