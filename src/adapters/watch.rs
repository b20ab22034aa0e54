//! Watches files through the operating system, and says what kind of file was touched. What the
//! system does not tell (network folders, a folder that was away) the next scheduled scan finds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::ports::{Listener, Touched, Watching};

/// Files that matter, and how.
#[derive(Clone, Debug)]
pub struct Interest {
    pub what: Touched,
    pub files: Files,
}

#[derive(Clone, Debug)]
pub enum Files {
    One(PathBuf),
    /// Everything below.
    Folder(PathBuf),
    Matching(Pattern),
}

/// Paths whose changes mean nothing: what the engine writes itself.
#[derive(Clone, Debug, Default)]
pub struct Own(pub Vec<PathBuf>);

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

impl Files {
    fn holds(&self, path: &Path) -> bool {
        match self {
            Self::One(file) => path == file || is_swapped(file, path),
            Self::Folder(dir) => path.starts_with(dir),
            Self::Matching(pattern) => pattern.matches_path_with(path, OPTIONS),
        }
    }

    /// The folder to watch, and whether what lies below counts.
    fn root(&self) -> (PathBuf, RecursiveMode) {
        match self {
            Self::One(file) => (parent(file), RecursiveMode::NonRecursive),
            Self::Folder(dir) => (dir.clone(), RecursiveMode::Recursive),
            Self::Matching(pattern) => (fixed(pattern.as_str()), RecursiveMode::Recursive),
        }
    }
}

/// Whether a link beside the file was swapped, as Kubernetes does with what it mounts.
fn is_swapped(file: &Path, path: &Path) -> bool {
    let is_hidden_link = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
    is_hidden_link && path.parent() == file.parent()
}

fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// The part of a pattern before its first special character, up to a whole folder.
fn fixed(pattern: &str) -> PathBuf {
    let mut fixed = PathBuf::new();
    let path = Path::new(pattern);
    for part in path.parent().unwrap_or(path).components() {
        if part.as_os_str().to_string_lossy().contains(['*', '?', '[']) {
            break;
        }
        fixed.push(part);
    }
    fixed
}

/// A watch on every folder that matters.
pub struct FileWatch {
    watcher: RecommendedWatcher,
    roots: Vec<(PathBuf, RecursiveMode)>,
}

impl FileWatch {
    /// Begins to watch. Paths are absolute.
    ///
    /// # Errors
    /// The operating system gives no watch at all.
    pub fn new(
        interests: Vec<Interest>,
        own: Own,
        listener: Arc<dyn Listener>,
    ) -> Result<Self, String> {
        let mut roots: Vec<(PathBuf, RecursiveMode)> = Vec::new();
        for interest in &interests {
            let root = interest.files.root();
            // A folder that is made again, or renamed into place, shows in the one above.
            let above = (parent(&root.0), RecursiveMode::NonRecursive);
            roots.extend([root, above]);
        }
        roots.sort_by_key(|(path, mode)| {
            (path.clone(), matches!(mode, RecursiveMode::NonRecursive))
        });
        roots.dedup_by(|(later, _), (first, _)| later == first);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            heard(event, &interests, &own, &*listener);
        });
        let watcher = watcher.map_err(|error| error.to_string())?;
        let mut watch = Self { watcher, roots };
        watch.again();
        Ok(watch)
    }
}

impl Watching for FileWatch {
    fn again(&mut self) {
        for (root, mode) in &self.roots {
            // A folder that is not there has nothing to tell; the scan says so.
            let _ = self.watcher.watch(root, *mode);
        }
    }
}

fn heard(
    event: notify::Result<notify::Event>,
    interests: &[Interest],
    own: &Own,
    listener: &dyn Listener,
) {
    let Ok(event) = event else {
        // Events were lost: look at everything.
        listener.touched(Touched::Written);
        listener.touched(Touched::Observed);
        return;
    };
    if event.need_rescan() {
        listener.touched(Touched::Written);
        listener.touched(Touched::Observed);
    }
    if !is_a_change(event.kind) {
        return;
    }
    let paths = event.paths.iter();
    for path in paths.filter(|path| !own.0.iter().any(|own| path.starts_with(own))) {
        for interest in interests {
            // A folder on the way to what matters came, went or was renamed.
            let leads_there = interest.files.root().0.starts_with(path);
            if leads_there || interest.files.holds(path) {
                listener.touched(interest.what);
            }
        }
    }
}

/// Reading is no change.
fn is_a_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) | EventKind::Any | EventKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_watched_from_its_first_fixed_folder() {
        for (pattern, root) in [
            ("/a/live/**/*.json*", "/a/live"),
            ("/a/live/*.json", "/a/live"),
            ("/a/li?e/x.json", "/a"),
            ("/a/live/one.json", "/a/live"),
        ] {
            assert_eq!(fixed(pattern), Path::new(root), "{pattern}");
        }
    }

    #[test]
    fn a_file_is_itself_and_the_link_that_swaps_it() {
        let file = Files::One(PathBuf::from("/etc/d/driftwarden.hcl"));
        assert!(file.holds(Path::new("/etc/d/driftwarden.hcl")));
        assert!(file.holds(Path::new("/etc/d/..data")));
        assert!(!file.holds(Path::new("/etc/d/other.hcl")));
        assert!(!file.holds(Path::new("/etc/..data")));
        let live = Files::Matching(Pattern::new("/a/live/**/*.json").unwrap());
        assert!(live.holds(Path::new("/a/live/x.json")));
        assert!(live.holds(Path::new("/a/live/2026/11/x.json")));
        assert!(!live.holds(Path::new("/a/live/x.json.tmp")));
    }
}
