//! Whole folders: Terraform source, rules, change records.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{FileError, FileErrors, is_hidden, read_text, sorted_entries};

const MAX_DEPTH: usize = 64;
const MAX_FILES: usize = 50_000;
const MAX_FILE_BYTES: u64 = 8 << 20;
const MAX_TOTAL_BYTES: u64 = 512 << 20;

/// Every `.tf` file below `dir` with its text, by its path relative to `dir` with `/` between its
/// parts. What Terraform fetched (`.terraform`) is left out, and a folder that links lead to twice
/// is read once.
///
/// # Errors
/// Every file that cannot be read, is not UTF-8 or exceeds the bounds.
pub fn collect_terraform_source(dir: &Path) -> Result<Vec<(String, String)>, FileErrors> {
    collect(dir, "tf")
}

/// Every `.hcl` file below the rule folders with its text, by its path as configured. Relative
/// folders start at `base`.
///
/// # Errors
/// Every file that cannot be read, and every folder that holds no rules: a misspelt folder would
/// leave an estate without rules.
pub fn collect_rules(dirs: &[PathBuf], base: &Path) -> Result<Vec<(String, String)>, FileErrors> {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for dir in dirs {
        match collect(&base.join(dir), "hcl") {
            Ok(found) if found.is_empty() => errors.push(FileError::Empty {
                path: base.join(dir),
                wanted: "`.hcl`",
            }),
            Ok(found) => {
                let shown = dir.to_string_lossy();
                let shown = shown.trim_end_matches('/');
                let named = found
                    .into_iter()
                    .map(|(name, text)| (format!("{shown}/{name}"), text));
                files.extend(named);
            }
            Err(found) => errors.extend(found.0),
        }
    }
    if errors.is_empty() {
        Ok(files)
    } else {
        Err(FileErrors(errors))
    }
}

/// Every `.hcl` file below the folder of waivers with its text, by its path as configured. A folder
/// without any is no error: nothing may be accepted.
///
/// # Errors
/// Every file that cannot be read.
pub fn collect_waivers(dir: &Path, base: &Path) -> Result<Vec<(String, String)>, FileErrors> {
    let shown = dir.to_string_lossy();
    let shown = shown.trim_end_matches('/');
    let found = collect(&base.join(dir), "hcl")?.into_iter();
    let named = found.map(|(name, text)| (format!("{shown}/{name}"), text));
    Ok(named.collect())
}

/// The change files in a folder, sorted: `.json`, `.yaml`, `.yml`, without subfolders. A folder
/// without any is no error: there may be no change.
///
/// # Errors
/// Where the folder cannot be read.
pub fn change_files(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let is_record = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        !is_hidden(path) && matches!(extension, Some("json" | "yaml" | "yml"))
    };
    let mut entries = sorted_entries(dir)?;
    entries.retain(is_record);
    Ok(entries)
}

fn collect(dir: &Path, extension: &str) -> Result<Vec<(String, String)>, FileErrors> {
    let mut walk = Walk {
        root: dir,
        extension,
        seen: BTreeSet::new(),
        bytes: 0,
        files: Vec::new(),
        errors: Vec::new(),
    };
    walk.folder(dir, 0);
    if walk.errors.is_empty() {
        Ok(walk.files)
    } else {
        Err(FileErrors(walk.errors))
    }
}

struct Walk<'w> {
    root: &'w Path,
    extension: &'w str,
    /// Real paths of the folders read so far: a link back up would go round for ever.
    seen: BTreeSet<PathBuf>,
    bytes: u64,
    files: Vec<(String, String)>,
    errors: Vec<FileError>,
}

impl Walk<'_> {
    fn folder(&mut self, dir: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            self.too_much(format!("folders more than {MAX_DEPTH} deep"));
            return;
        }
        let entries = fs::canonicalize(dir)
            .map_err(|error| FileError::read(dir, error))
            .and_then(|real| {
                if self.seen.insert(real) {
                    sorted_entries(dir)
                } else {
                    Ok(Vec::new())
                }
            });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.errors.push(error),
        };
        for path in entries {
            let is_wanted = path
                .extension()
                .is_some_and(|found| found == self.extension);
            if path.is_dir() {
                if !is_hidden(&path) {
                    self.folder(&path, depth + 1);
                }
            } else if is_wanted && !is_hidden(&path) {
                self.file(&path);
            }
            if self.files.len() > MAX_FILES || self.bytes > MAX_TOTAL_BYTES {
                let what = format!(
                    "more than {MAX_FILES} `.{}` files or {MAX_TOTAL_BYTES} bytes in them",
                    self.extension
                );
                self.too_much(what);
                return;
            }
        }
    }

    fn file(&mut self, path: &Path) {
        match read_text(path, MAX_FILE_BYTES) {
            Ok(text) => {
                self.bytes += text.len() as u64;
                let relative = path.strip_prefix(self.root).unwrap_or(path);
                let parts = relative.iter().map(|part| part.to_string_lossy());
                let name = parts.collect::<Vec<_>>().join("/");
                self.files.push((name, text));
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn too_much(&mut self, what: String) {
        // Said once, not by every folder on the way back up.
        let said = |error: &FileError| matches!(error, FileError::TooMuch { .. });
        if !self.errors.iter().any(said) {
            self.errors.push(FileError::TooMuch {
                path: self.root.to_path_buf(),
                what,
            });
        }
    }
}
