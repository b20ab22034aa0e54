//! The rules that hold: shipped, configured, or named on the command line.

use std::path::{Path, PathBuf};

use super::{load_config, messages};
use crate::adapters::files::{FileError, FileErrors, collect_rules, read_text};
use crate::decide::rules::RuleSet;
use crate::ports::InputError;

/// A rule file larger than this is refused unread.
const MAX_RULE_BYTES: u64 = 8 << 20;

/// The rules that a configuration names, or the shipped ones where it names none.
pub fn configured_rules(path: &Path) -> anyhow::Result<RuleSet> {
    let config = load_config(path)?;
    match &config.rules {
        None => Ok(RuleSet::shipped()?),
        Some(rules) => {
            let files = collect_rules(&rules.dirs, &config.base_dir);
            parse_rules(&files.map_err(|errors| unreadable(&errors))?)
        }
    }
}

/// The rules in files, or in folders and below.
pub fn rules_in(paths: &[PathBuf]) -> anyhow::Result<(RuleSet, usize)> {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        let found = match path.is_dir() {
            true => collect_rules(std::slice::from_ref(path), Path::new("")),
            false => read_text(path, MAX_RULE_BYTES)
                .map(|text| vec![(path.display().to_string(), text)])
                .map_err(FileErrors::from),
        };
        match found {
            Ok(found) => files.extend(found),
            Err(found) => errors.extend(found.0),
        }
    }
    if !errors.is_empty() {
        let errors: Vec<InputError> = errors.iter().map(named_on_the_command_line).collect();
        return Err(anyhow::anyhow!(messages(&errors)));
    }
    // One folder may lie in another that is named as well.
    files.sort();
    files.dedup();
    Ok((parse_rules(&files)?, files.len()))
}

/// Paths in a configuration start at its folder; those on the command line do not.
fn named_on_the_command_line(error: &FileError) -> InputError {
    let is_missing = matches!(
        error,
        FileError::Read { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound
    );
    InputError {
        what: error.to_string(),
        help: match is_missing {
            true => Some("relative paths start at the current folder".to_owned()),
            false => error.help(),
        },
    }
}

fn unreadable(errors: &FileErrors) -> anyhow::Error {
    let errors: Vec<InputError> = errors
        .0
        .iter()
        .map(|error| InputError {
            what: error.to_string(),
            help: error.help(),
        })
        .collect();
    anyhow::anyhow!(messages(&errors))
}

fn parse_rules(files: &[(String, String)]) -> anyhow::Result<RuleSet> {
    RuleSet::parse(files).map_err(|errors| {
        let errors: Vec<InputError> = errors
            .iter()
            .map(|error| InputError {
                what: error.to_string(),
                help: error.help.clone(),
            })
            .collect();
        anyhow::anyhow!(messages(&errors))
    })
}
