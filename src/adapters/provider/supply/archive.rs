//! A packed package: a zip archive, as releases of providers are.

use std::cell::RefCell;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::error::SupplyError;
use super::package::copy;
use crate::provider::checksum::{Files, Package};

/// Unpacked; the largest provider has less than a quarter of it.
const MAX_BYTES: u64 = 4 << 30;
const MAX_FILES: usize = 1000;

/// Sees one file's name and text.
type Visit<'v> = &'v mut dyn FnMut(&str, &mut io::Take<ZipFile<'_, File>>) -> io::Result<()>;

/// An archive that stays open: what is unpacked is what was checked.
pub(super) struct Archive {
    path: PathBuf,
    digest: [u8; 32],
    zip: RefCell<ZipArchive<File>>,
}

impl Archive {
    pub fn open(path: &Path) -> Result<Self, SupplyError> {
        let failed = |error: io::Error| SupplyError::io(path, &error);
        let mut file = File::open(path).map_err(failed)?;
        let mut digest = Sha256::new();
        copy(&mut file, &mut |bytes| digest.update(bytes)).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let zip = ZipArchive::new(file);
        let zip = zip.map_err(|_| SupplyError::archive(path, "it is no zip archive"))?;
        if zip.len() > MAX_FILES {
            return Err(SupplyError::archive(path, "it holds too many files"));
        }
        Ok(Self {
            path: path.to_owned(),
            digest: digest.finalize().into(),
            zip: RefCell::new(zip),
        })
    }

    /// What a lock file may know of it, and its files.
    pub fn package(&self) -> Result<(Package, Files), SupplyError> {
        let mut files = Files::new();
        self.each(&mut |name, entry| {
            let mut digest = Sha256::new();
            copy(entry, &mut |bytes| digest.update(bytes))?;
            files.insert(name.to_owned(), digest.finalize().into());
            Ok(())
        })?;
        let package = Package::Packed {
            archive: self.digest,
            files: files.clone(),
        };
        Ok((package, files))
    }

    pub fn unpack(&self, into: &Path) -> Result<(), SupplyError> {
        self.each(&mut |name, entry| {
            let path = into.join(name);
            if let Some(parent) = path.parent() {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(parent)?;
            }
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create_new(true)
                .mode(0o700)
                .open(&path)?;
            let mut written = Ok(());
            copy(entry, &mut |bytes| {
                if written.is_ok() {
                    written = file.write_all(bytes);
                }
            })?;
            written
        })
    }

    /// Visits each file, in the order of the archive. Whatever leads out of a folder is refused.
    fn each(&self, visit: Visit<'_>) -> Result<(), SupplyError> {
        let refused = |what: &str| SupplyError::archive(&self.path, what);
        let mut zip = self.zip.borrow_mut();
        let mut total = 0_u64;
        let mut names = std::collections::BTreeSet::new();
        for at in 0..zip.len() {
            let entry = zip.by_index(at);
            let entry = entry.map_err(|_| refused("it cannot be unpacked"))?;
            let name = entry
                .name()
                .map_err(|_| refused("a name in it cannot be read"))?;
            let name = name.into_owned();
            if entry.is_dir() {
                continue;
            }
            let parts_are_good = name
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..");
            if !parts_are_good || name.contains(['\\', '\0']) || entry.is_symlink() {
                return Err(refused("it holds something that is no file within it"));
            }
            if !names.insert(name.clone()) {
                return Err(refused("it holds two files of one name"));
            }
            total = total.saturating_add(entry.size());
            if total > MAX_BYTES {
                return Err(refused("it holds more than any provider does"));
            }
            // The size that it claims may be a lie.
            let size = entry.size();
            let mut limited = io::Read::take(entry, size.saturating_add(1));
            visit(&name, &mut limited).map_err(|error| SupplyError::io(&self.path, &error))?;
            if limited.limit() == 0 {
                return Err(refused("it holds a file that is longer than it says"));
            }
        }
        Ok(())
    }
}
