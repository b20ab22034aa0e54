//! Where providers come from: a mirror on disk or a `.terraform` folder, and only what the lock file of
//! the plan knows. Nothing is fetched.

mod archive;
mod error;
mod package;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::SupplyError;

use crate::provider::checksum::{self, Package};
use crate::provider::lock::{Locked, LockedHash, ProviderName};
use package::Opened;

/// Folders that hold providers, as Terraform lays them out:
/// `HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/`, or `HOST/NAMESPACE/TYPE/terraform-provider-….zip`.
/// `.terraform/providers` is one.
#[derive(Clone, Debug)]
pub struct Supply {
    pub folders: Vec<PathBuf>,
    /// Where archives are unpacked: private, and taken away afterwards.
    pub unpack_dir: PathBuf,
}

/// A provider of which every file was found to be as the lock file says. There is no other way to one.
#[derive(Clone, Debug)]
pub struct VerifiedProvider {
    name: ProviderName,
    version: String,
    known_by: LockedHash,
    binary: PathBuf,
    /// Holds the folder of an archive that was unpacked, while anybody needs the binary.
    _unpacked: Option<Arc<super::folder::PrivateFolder>>,
}

impl VerifiedProvider {
    pub fn name(&self) -> &ProviderName {
        &self.name
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// The checksum by which the lock file knows it.
    pub fn known_by(&self) -> &LockedHash {
        &self.known_by
    }

    pub fn binary(&self) -> &Path {
        &self.binary
    }
}

/// This machine, as packages of providers are named for it.
pub fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{arch}")
}

impl Supply {
    /// Finds a provider in the locked version and holds it against its checksums.
    ///
    /// The first folder that has the version decides: a package that was tampered with is refused and
    /// not passed over.
    ///
    /// # Errors
    /// No folder has it, or what it has is not what was locked.
    pub fn find(
        &self,
        name: &ProviderName,
        locked: &Locked,
    ) -> Result<VerifiedProvider, SupplyError> {
        for folder in &self.folders {
            let home = name
                .parts()
                .iter()
                .fold(folder.clone(), |path, part| path.join(part));
            let unpacked = home.join(&locked.version).join(platform());
            if unpacked.exists() {
                return self.unpacked(name, locked, &unpacked);
            }
            let archive = home.join(format!(
                "terraform-provider-{}_{}_{}.zip",
                name.kind(),
                locked.version,
                platform()
            ));
            if archive.exists() {
                return self.packed(name, locked, &archive);
            }
        }
        Err(SupplyError::NotFound {
            name: Box::new(name.clone()),
            version: locked.version.clone(),
            platform: platform(),
            searched: self.folders.clone(),
        })
    }

    fn unpacked(
        &self,
        name: &ProviderName,
        locked: &Locked,
        folder: &Path,
    ) -> Result<VerifiedProvider, SupplyError> {
        let Opened { folder, files } = package::open(folder)?;
        let binary = package::binary(&folder, name, &files)?;
        let known_by = checksum::verify(locked, &Package::Unpacked(files));
        let known_by = known_by.map_err(|source| SupplyError::mismatch(&folder, source))?;
        Ok(VerifiedProvider {
            name: name.clone(),
            version: locked.version.clone(),
            known_by,
            binary,
            _unpacked: None,
        })
    }

    fn packed(
        &self,
        name: &ProviderName,
        locked: &Locked,
        path: &Path,
    ) -> Result<VerifiedProvider, SupplyError> {
        let archive = archive::Archive::open(path)?;
        let (package, files) = archive.package()?;
        let known_by = checksum::verify(locked, &package);
        let known_by = known_by.map_err(|source| SupplyError::mismatch(path, source))?;
        let unpacked = super::folder::PrivateFolder::make(&self.unpack_dir);
        let unpacked = unpacked.map_err(|error| SupplyError::io(&self.unpack_dir, &error))?;
        archive.unpack(unpacked.path())?;
        let binary = package::binary(unpacked.path(), name, &files)?;
        // What is started is what was checked, whatever the disk did in between.
        let again = package::open(unpacked.path())?;
        if again.files != files {
            return Err(SupplyError::Changed {
                path: path.to_owned(),
            });
        }
        Ok(VerifiedProvider {
            name: name.clone(),
            version: locked.version.clone(),
            known_by,
            binary,
            _unpacked: Some(Arc::new(unpacked)),
        })
    }
}
