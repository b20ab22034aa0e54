//! A folder that only we can enter: plans and states hold secrets in the open.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Taken away when dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

const NAME: &str = "dw-refresh-";

impl Scratch {
    pub fn make(below: &Path) -> io::Result<Self> {
        sweep(below);
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| io::Error::other("no randomness"))?;
        let path = below.join(format!(
            "{NAME}{}-{}",
            std::process::id(),
            hex::encode(random)
        ));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A new file in it, to be written.
    pub fn file(&self, name: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(self.0.join(name))
    }
}

/// Takes away what processes of ours left that were killed.
fn sweep(below: &Path) {
    let processes = Path::new("/proc");
    let ours = rustix::process::geteuid().as_raw();
    let Ok(folders) = below.read_dir() else {
        return;
    };
    for folder in folders.flatten() {
        let name = folder.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix(NAME)?.split('-').next());
        let is_gone = |process: &str| {
            process.parse::<u32>().is_ok()
                && processes.join("self").exists()
                && !processes.join(process).exists()
        };
        let is_ours = || {
            folder
                .metadata()
                .is_ok_and(|found| found.is_dir() && found.uid() == ours)
        };
        if process.is_some_and(is_gone) && is_ours() {
            // Another process of ours may be at it.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nobody else can enter what may be left.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_owner_or_after_it() {
        let below = tempfile::tempdir().unwrap();
        let left = below.path().join("dw-refresh-4194999-0a");
        std::fs::create_dir_all(left.join("in")).unwrap();
        let others = ["dw-refresh-x-0a", "dw-else-4194999-0a"].map(|name| below.path().join(name));
        others
            .iter()
            .for_each(|other| std::fs::create_dir(other).unwrap());
        let one = Scratch::make(below.path()).unwrap();
        let two = Scratch::make(below.path()).unwrap();
        assert!(!left.exists(), "no process has that number");
        assert!(one.path().exists() && two.path().exists());
        assert!(others.iter().all(|other| other.exists()));
        let mode = one.path().metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().exists());
    }
}
