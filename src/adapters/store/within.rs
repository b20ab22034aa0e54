//! Whether one folder lies in another, also where it does not exist yet.

use std::io;
use std::path::{Component, Path, PathBuf};

pub fn is_within(inner: &Path, outer: &Path) -> io::Result<bool> {
    Ok(real(inner)?.starts_with(real(outer)?))
}

/// The path without links and `..`: as the disk knows it as far as it exists, and then as written.
fn real(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut existing = path.ancestors();
    let found = existing.find_map(|above| Some((above, above.canonicalize().ok()?)));
    let Some((above, mut real)) = found else {
        return Ok(path);
    };
    for component in path
        .strip_prefix(above)
        .into_iter()
        .flat_map(Path::components)
    {
        match component {
            Component::ParentDir => drop(real.pop()),
            other => real.push(other),
        }
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_through_detours_to_what_does_not_exist_yet() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("evidence");
        std::fs::create_dir(&log).unwrap();
        std::os::unix::fs::symlink(&log, dir.path().join("link")).unwrap();
        for (inner, within) in [
            ("evidence", true),
            ("evidence/keys", true),
            ("new/../evidence/keys", true),
            ("link/a/b", true),
            ("evidence/../keys", false),
            ("evidence.keys", false),
            ("link/../keys", false),
        ] {
            let found = is_within(&dir.path().join(inner), &log).unwrap();
            assert_eq!(found, within, "{inner}");
        }
    }
}
