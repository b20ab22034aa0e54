//! Checksums of provider packages, and whether a lock file knows them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::lock::{Locked, LockedHash};

/// The files of a package by their names within it, with `/`, and the SHA-256 of each.
pub type Files = BTreeMap<String, [u8; 32]>;

/// A package that was found, as far as it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// A folder.
    Unpacked(Files),
    /// An archive: its own SHA-256, and that of the files in it.
    Packed { archive: [u8; 32], files: Files },
}

/// Why a package is not the one that the lock file means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("its checksum {found} is none of those in the lock file")]
    Other { found: LockedHash },
    #[error(
        "the lock file has no checksum of the kind that it takes to check an unpacked package (h1)"
    )]
    NoH1,
    #[error("the lock file has no checksum of the provider")]
    None,
    #[error("a file in it has a name that no package has")]
    Name,
}

impl Mismatch {
    pub fn help(&self) -> &'static str {
        match self {
            Self::Other { .. } => {
                "take the package from where the plan's pipeline took it; if the lock file is of \
                 another platform, run `terraform providers lock -platform=OS_ARCH` and commit it"
            }
            Self::NoH1 | Self::None => {
                "run `terraform providers lock -platform=OS_ARCH` where the plan is made, and commit \
                 the lock file"
            }
            Self::Name => "take the package from where the plan's pipeline took it",
        }
    }
}

/// The checksum of a set of files that Terraform calls `h1`: SHA-256 over a line for each, sorted.
///
/// # Errors
/// A name with a line break, which could stand for two files.
pub fn h1(files: &Files) -> Result<LockedHash, Mismatch> {
    let mut all = Sha256::new();
    for (name, digest) in files {
        if name.contains('\n') || name.is_empty() {
            return Err(Mismatch::Name);
        }
        all.update(hex::encode(digest));
        all.update("  ");
        all.update(name);
        all.update("\n");
    }
    Ok(LockedHash::H1(STANDARD.encode(all.finalize())))
}

/// Whether the lock file knows the package.
///
/// # Errors
/// It does not: see [`Mismatch`].
pub fn verify(locked: &Locked, package: &Package) -> Result<LockedHash, Mismatch> {
    let knows = |hash: &LockedHash| locked.hashes.contains(hash);
    if locked.hashes.is_empty() {
        return Err(Mismatch::None);
    }
    let files = match package {
        Package::Unpacked(files) => files,
        Package::Packed { archive, files } => {
            let whole = LockedHash::Zh(hex::encode(archive));
            if knows(&whole) {
                return Ok(whole);
            }
            files
        }
    };
    let found = h1(files)?;
    if knows(&found) {
        return Ok(found);
    }
    let has_h1 = locked.hashes.iter().any(|one| match one {
        LockedHash::H1(_) => true,
        LockedHash::Zh(_) | LockedHash::Other(_) => false,
    });
    match package {
        Package::Unpacked(_) if !has_h1 => Err(Mismatch::NoH1),
        Package::Unpacked(_) | Package::Packed { .. } => Err(Mismatch::Other { found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Files {
        let digest = |text: &str| Sha256::digest(text).into();
        let all = all.iter();
        all.map(|(name, text)| ((*name).to_owned(), digest(text)))
            .collect()
    }

    fn locked(hashes: &[LockedHash]) -> Locked {
        Locked {
            version: "1.0.0".to_owned(),
            hashes: hashes.to_vec(),
        }
    }

    /// Worked out with coreutils: `sha256sum LICENSE.txt terraform-provider-x_v1.0.0 | sha256sum`.
    #[test]
    fn h1_is_what_terraform_makes_it() {
        let found = h1(&files(&[
            ("terraform-provider-x_v1.0.0", "binary\n"),
            ("LICENSE.txt", "licence\n"),
        ]));
        assert_eq!(
            found.unwrap().to_string(),
            "h1:cJ2RbVL3ZcjG724vdtD9FsKnJXsYX4yVojLY9tYDzM0="
        );
    }

    #[test]
    fn a_package_must_be_the_one_that_was_locked() {
        let good = files(&[("p", "binary"), ("LICENSE", "text")]);
        let hash = h1(&good).unwrap();
        let lock = locked(&[LockedHash::Zh("00".into()), hash.clone()]);
        assert_eq!(verify(&lock, &Package::Unpacked(good)), Ok(hash));
        for other in [
            files(&[("p", "binary!"), ("LICENSE", "text")]),
            files(&[("p", "binary"), ("LICENSE", "text"), ("extra", "")]),
            files(&[("p", "binary")]),
            files(&[("q", "binary"), ("LICENSE", "text")]),
        ] {
            let refused = verify(&lock, &Package::Unpacked(other)).unwrap_err();
            assert!(matches!(refused, Mismatch::Other { .. }), "{refused}");
        }
    }

    #[test]
    fn an_archive_is_known_by_itself_or_by_its_files() {
        let inner = files(&[("p", "binary")]);
        let package = Package::Packed {
            archive: Sha256::digest("zip").into(),
            files: inner.clone(),
        };
        let whole = LockedHash::Zh(hex::encode(Sha256::digest("zip")));
        assert_eq!(
            verify(&locked(std::slice::from_ref(&whole)), &package),
            Ok(whole)
        );
        let by_files = h1(&inner).unwrap();
        assert_eq!(
            verify(&locked(std::slice::from_ref(&by_files)), &package),
            Ok(by_files)
        );
        let other = locked(&[LockedHash::Zh("00".into())]);
        assert!(verify(&other, &package).is_err());
    }

    #[test]
    fn a_lock_that_cannot_tell_refuses() {
        let package = Package::Unpacked(files(&[("p", "binary")]));
        assert_eq!(verify(&locked(&[]), &package), Err(Mismatch::None));
        let only_zh = locked(&[LockedHash::Zh("00".into())]);
        assert_eq!(verify(&only_zh, &package), Err(Mismatch::NoH1));
        let broken = Package::Unpacked(files(&[("a\nb", "")]));
        let lock = locked(&[LockedHash::H1("x".into())]);
        assert_eq!(verify(&lock, &broken), Err(Mismatch::Name));
    }
}
