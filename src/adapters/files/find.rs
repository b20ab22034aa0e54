//! Glob patterns to files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::{FileError, FileErrors, regular};

const MAX_FILES: usize = 1_000_000;

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
    let mut found = BTreeMap::new();
    let mut errors = Vec::new();
    for pattern in patterns {
        expand_one(pattern.as_ref(), base, &mut found, &mut errors);
    }
    if !errors.is_empty() {
        return Err(FileErrors(errors));
    }
    // By real path a file is found once; the name under which it was found first is shown.
    let mut files: Vec<_> = found.into_values().collect();
    files.sort();
    Ok(files)
}

fn expand_one(
    pattern: &str,
    base: &Path,
    found: &mut BTreeMap<PathBuf, PathBuf>,
    errors: &mut Vec<FileError>,
) {
    let absolute = base_pattern(pattern, base);
    let matches = match glob::glob_with(&absolute, OPTIONS) {
        Ok(matches) => matches,
        Err(error) => {
            errors.push(FileError::Pattern {
                pattern: pattern.to_owned(),
                reason: error.msg,
            });
            return;
        }
    };
    let mut count = 0;
    for entry in matches {
        count += 1;
        if count > MAX_FILES {
            errors.push(FileError::TooMuch {
                path: base.join(pattern),
                what: format!("more than {MAX_FILES} files"),
            });
            return;
        }
        let path = entry.map_err(|error| {
            let path = error.path().to_path_buf();
            FileError::read(&path, error.into())
        });
        match path.and_then(readable) {
            Ok((real, path)) => {
                found.entry(real).or_insert(path);
            }
            Err(error) => errors.push(error),
        }
    }
    if count == 0 {
        errors.push(FileError::NoMatch {
            pattern: pattern.to_owned(),
        });
    }
}

/// The pattern below `base`, whose own name may hold characters that mean something in patterns.
fn base_pattern(pattern: &str, base: &Path) -> String {
    if Path::new(pattern).is_absolute() || base.as_os_str().is_empty() {
        return pattern.to_owned();
    }
    let base = Pattern::escape(&base.to_string_lossy());
    format!("{}/{pattern}", base.trim_end_matches('/'))
}

/// The file's real path and the path as found, if it is a file that opens.
fn readable(path: PathBuf) -> Result<(PathBuf, PathBuf), FileError> {
    regular(&path)?;
    File::open(&path).map_err(|error| FileError::read(&path, error))?;
    let real = fs::canonicalize(&path).map_err(|error| FileError::read(&path, error))?;
    Ok((real, path))
}
