//! Glob patterns to files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::{FileError, FileErrors, is_hidden, open, sorted_entries};

const MAX_FILES: usize = 1_000_000;
const MAX_FOLDERS: usize = 1_000_000;

/// A `*` does not reach into another folder, and hidden files are matched only when named.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The files that the patterns match, sorted, each once even where several patterns or links lead
/// to it. Relative patterns start at `base`.
///
/// # Errors
/// Every pattern that matches nothing, and every match that is no readable file: a file that is
/// skipped in silence would make its resources look missing or its changes unseen.
pub fn expand<P: AsRef<str>>(patterns: &[P], base: &Path) -> Result<Vec<PathBuf>, FileErrors> {
    // By its real path a file is found once; the name under which it was found first is shown.
    let mut found = BTreeMap::new();
    let mut errors = Vec::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let matches = matches_of(pattern, base, &mut errors);
        if matches.len() > MAX_FILES {
            let path = base.join(pattern);
            let what = format!("more than {MAX_FILES} files");
            errors.push(FileError::TooMuch { path, what });
            continue;
        }
        for path in matches {
            match readable(path) {
                Ok((real, path)) => {
                    found.entry(real).or_insert(path);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if !errors.is_empty() {
        return Err(FileErrors(errors));
    }
    let mut files: Vec<_> = found.into_values().collect();
    files.sort();
    Ok(files)
}

fn matches_of(pattern: &str, base: &Path, errors: &mut Vec<FileError>) -> Vec<PathBuf> {
    let before = errors.len();
    let matches = if pattern.contains("**") {
        walked(pattern, base, errors)
    } else {
        listed(pattern, base, errors)
    };
    if matches.is_empty() && errors.len() == before {
        errors.push(FileError::NoMatch {
            pattern: pattern.to_owned(),
        });
    }
    matches
}

/// The pattern below `base`, whose own name may hold characters that mean something in patterns.
fn base_pattern(pattern: &str, base: &Path) -> String {
    if Path::new(pattern).is_absolute() || base.as_os_str().is_empty() {
        return pattern.to_owned();
    }
    let base = Pattern::escape(&base.to_string_lossy());
    format!("{}/{pattern}", base.trim_end_matches('/'))
}

fn no_pattern(pattern: &str, error: &glob::PatternError) -> FileError {
    FileError::Pattern {
        pattern: pattern.to_owned(),
        reason: error.msg,
    }
}

/// Matches of a pattern that goes a fixed number of folders deep.
fn listed(pattern: &str, base: &Path, errors: &mut Vec<FileError>) -> Vec<PathBuf> {
    let entries = match glob::glob_with(&base_pattern(pattern, base), OPTIONS) {
        Ok(entries) => entries,
        Err(error) => {
            errors.push(no_pattern(pattern, &error));
            return Vec::new();
        }
    };
    let mut matches = Vec::new();
    for entry in entries.take(MAX_FILES + 1) {
        match entry {
            Ok(path) => matches.push(path),
            Err(error) => {
                let path = error.path().to_path_buf();
                errors.push(FileError::read(&path, error.into()));
            }
        }
    }
    matches
}

/// Matches of a pattern with `**`. The glob crate follows a link that leads back up until the
/// system stops it, so the folders are walked here.
fn walked(pattern: &str, base: &Path, errors: &mut Vec<FileError>) -> Vec<PathBuf> {
    let parts: Vec<_> = pattern.split('/').collect();
    let fixed = parts
        .iter()
        .take_while(|part| !part.contains(['*', '?', '[']));
    let (fixed, rest) = parts.split_at(fixed.count());
    // The empty part before a leading `/` makes the path absolute.
    let root = base.join(fixed.join("/") + if fixed == [""] { "/" } else { "" });
    let compiled = match Pattern::new(&rest.join("/")) {
        Ok(compiled) => compiled,
        Err(error) => {
            errors.push(no_pattern(pattern, &error));
            return Vec::new();
        }
    };
    if !root.exists() {
        return Vec::new();
    }
    let mut walk = Walk {
        root: &root,
        pattern: compiled,
        enters_hidden: rest.iter().any(|part| part.starts_with('.')),
        above: Vec::new(),
        folders: 0,
        found: Vec::new(),
        errors,
    };
    walk.folder(&root);
    walk.found
}

struct Walk<'w> {
    root: &'w Path,
    pattern: Pattern,
    enters_hidden: bool,
    /// Real paths of the folders on the way here: a link to one of them would go round for ever.
    above: Vec<PathBuf>,
    folders: usize,
    found: Vec<PathBuf>,
    errors: &'w mut Vec<FileError>,
}

impl Walk<'_> {
    fn folder(&mut self, dir: &Path) {
        self.folders += 1;
        if self.folders == MAX_FOLDERS {
            self.errors.push(FileError::TooMuch {
                path: self.root.to_path_buf(),
                what: format!("more than {MAX_FOLDERS} folders"),
            });
        }
        if self.folders >= MAX_FOLDERS || self.found.len() > MAX_FILES {
            return;
        }
        let real = fs::canonicalize(dir).map_err(|error| FileError::read(dir, error));
        let (real, entries) = match real.and_then(|real| Ok((real, sorted_entries(dir)?))) {
            Ok(found) => found,
            Err(error) => return self.errors.push(error),
        };
        if self.above.contains(&real) {
            return;
        }
        self.above.push(real);
        for path in entries {
            if path.is_dir() {
                if self.enters_hidden || !is_hidden(&path) {
                    self.folder(&path);
                }
            } else {
                let relative = path.strip_prefix(self.root).unwrap_or(&path);
                if self.pattern.matches_path_with(relative, OPTIONS) {
                    self.found.push(path);
                }
            }
        }
        self.above.pop();
    }
}

/// The file's real path and the path as found, if it is a file that opens.
fn readable(path: PathBuf) -> Result<(PathBuf, PathBuf), FileError> {
    open(&path)?;
    let real = fs::canonicalize(&path).map_err(|error| FileError::read(&path, error))?;
    Ok((real, path))
}
