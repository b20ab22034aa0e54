//! An unpacked package: every file in it, and which of them is the provider.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::SupplyError;
use crate::provider::checksum::Files;
use crate::provider::lock::ProviderName;

/// A package has a handful of files.
const MAX_FILES: usize = 1000;
const MAX_DEPTH: usize = 8;
const WRITABLE_BY_ALL: u32 = 0o002;

pub(super) struct Opened {
    /// The folder itself, behind whatever link led there: Terraform links to mirrors.
    pub folder: PathBuf,
    pub files: Files,
}

/// Reads a folder whole.
///
/// Links and special files within are refused: what they lead to can change without the folder.
pub(super) fn open(folder: &Path) -> Result<Opened, SupplyError> {
    let folder = folder
        .canonicalize()
        .map_err(|error| SupplyError::io(folder, &error))?;
    let mut opened = Opened {
        files: Files::new(),
        folder,
    };
    let top = opened.folder.clone();
    not_writable(&top, &top, "")?;
    walk(&mut opened, &top, "", MAX_DEPTH)?;
    Ok(opened)
}

fn walk(opened: &mut Opened, here: &Path, prefix: &str, depth: usize) -> Result<(), SupplyError> {
    let failed = |error: io::Error| SupplyError::io(here, &error);
    let folder = opened.folder.clone();
    let no_file = |name: &str| SupplyError::NoFile {
        path: folder.clone(),
        name: name.to_owned(),
    };
    let Some(depth) = depth.checked_sub(1) else {
        return Err(no_file(prefix));
    };
    for entry in fs::read_dir(here).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(no_file(&name.to_string_lossy()));
        };
        let name = format!("{prefix}{name}");
        let path = entry.path();
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_symlink() {
            return Err(SupplyError::Link { path: folder, name });
        }
        if !kind.is_dir() && !kind.is_file() || opened.files.len() >= MAX_FILES {
            return Err(no_file(&name));
        }
        not_writable(&folder, &path, &name)?;
        if kind.is_dir() {
            walk(opened, &path, &format!("{name}/"), depth)?;
        } else {
            let digest = digest(&path).map_err(|error| SupplyError::io(&path, &error))?;
            opened.files.insert(name, digest);
        }
    }
    Ok(())
}

fn not_writable(folder: &Path, path: &Path, name: &str) -> Result<(), SupplyError> {
    let found = fs::symlink_metadata(path).map_err(|error| SupplyError::io(path, &error))?;
    match found.permissions().mode() & WRITABLE_BY_ALL {
        0 => Ok(()),
        _ => Err(SupplyError::Writable {
            path: folder.to_owned(),
            name: match name.is_empty() {
                true => ".".to_owned(),
                false => name.to_owned(),
            },
        }),
    }
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut all = Sha256::new();
    copy(&mut file, &mut |bytes| all.update(bytes))?;
    Ok(all.finalize().into())
}

/// Providers have hundreds of megabytes: read in large pieces.
pub(super) fn copy(from: &mut impl Read, to: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => to(buffer.get(..length).unwrap_or_default()),
        }
    }
}

/// The provider among the files: one whose name begins as it must.
pub(super) fn binary(
    folder: &Path,
    name: &ProviderName,
    files: &Files,
) -> Result<PathBuf, SupplyError> {
    let begins = format!("terraform-provider-{}", name.kind());
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['_', '.']);
    let mut found = files
        .keys()
        .filter(|file| file.strip_prefix(&begins).is_some_and(ends));
    match (found.next(), found.count()) {
        (Some(only), 0) => Ok(folder.join(only)),
        (first, others) => Err(SupplyError::Binaries {
            path: folder.to_owned(),
            count: usize::from(first.is_some()) + others,
        }),
    }
}
