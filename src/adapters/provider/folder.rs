//! A folder that only we can enter: whoever reaches a provider's socket can use its credentials.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Sockets have a name of 107 bytes at most, of which the provider gives the last twenty or so.
const MAX_PATH: usize = 75;

/// Taken away when dropped.
#[derive(Debug)]
pub(super) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    pub fn make(below: &Path) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| io::Error::other("no randomness"))?;
        let path = below.join(format!("dw-{}", hex::encode(random)));
        if path.as_os_str().len() > MAX_PATH {
            return Err(io::Error::other("the path is too long for a socket"));
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        // As the provider will name it, should a part of it be a link.
        Ok(Self(path.canonicalize()?))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // Nothing is lost if it stays: the socket in it is dead.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
