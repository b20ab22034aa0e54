//! Only the provider that the plan was made with is started.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use driftwarden::adapters::provider::{Supply, SupplyError, platform};
use driftwarden::provider::lock::{Locked, LockedHash};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::support::{locked, mirror, name, package_folder};

/// A small package, and its lock.
fn small(dir: &Path) -> (Supply, Locked, PathBuf) {
    let folder = package_folder(dir);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("terraform-provider-fault_v1.0.0_x5"), "binary").unwrap();
    fs::write(folder.join("LICENSE.txt"), "none").unwrap();
    let supply = Supply {
        folders: vec![dir.join("empty"), dir.to_owned()],
        unpack_dir: dir.to_owned(),
    };
    let lock = locked(&folder);
    (supply, lock, folder)
}

#[test]
fn the_locked_provider_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (supply, locked) = mirror(dir.path());
    let found = supply.find(&name(), &locked).unwrap();
    assert_eq!(found.known_by(), &locked.hashes[0]);
    assert_eq!(found.version(), "1.0.0");
    assert!(found.binary().ends_with("terraform-provider-fault_v1.0.0"));
}

/// `.terraform/providers` holds a link to the folder of a cache.
#[test]
fn a_link_to_the_package_is_followed() {
    let (dir, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut supply, locked, _) = small(cache.path());
    let link = package_folder(dir.path());
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink(package_folder(cache.path()), &link).unwrap();
    supply.folders = vec![dir.path().to_owned()];
    let found = supply.find(&name(), &locked).unwrap();
    assert!(
        found
            .binary()
            .starts_with(cache.path().canonicalize().unwrap())
    );
}

#[test]
fn what_was_tampered_with_is_refused() {
    type Tamper = fn(&Path);
    let cases: [(Tamper, &str); 8] = [
        (
            |folder| fs::write(folder.join("terraform-provider-fault_v1.0.0_x5"), "evil").unwrap(),
            "is none of those in the lock file",
        ),
        (
            |folder| fs::write(folder.join("preload.so"), "evil").unwrap(),
            "is none of those in the lock file",
        ),
        (
            |folder| fs::remove_file(folder.join("LICENSE.txt")).unwrap(),
            "is none of those in the lock file",
        ),
        (
            |folder| {
                let binary = folder.join("terraform-provider-fault_v1.0.0_x5");
                fs::rename(&binary, folder.parent().unwrap().join("elsewhere")).unwrap();
                symlink("../elsewhere", binary).unwrap();
            },
            "`terraform-provider-fault_v1.0.0_x5` in it is a link",
        ),
        (
            |folder| symlink("/etc", folder.join("more")).unwrap(),
            "`more` in it is a link",
        ),
        (
            |folder| {
                let binary = folder.join("terraform-provider-fault_v1.0.0_x5");
                fs::set_permissions(binary, Permissions::from_mode(0o777)).unwrap();
            },
            "can be changed by everybody",
        ),
        (
            |folder| {
                fs::write(folder.join("terraform-provider-fault_v2.0.0"), "evil").unwrap();
            },
            "2 files in it could be the provider",
        ),
        (
            |folder| {
                drop(std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap());
            },
            "`socket` in it is no file",
        ),
    ];
    for (tamper, why) in cases {
        let dir = tempfile::tempdir().unwrap();
        let (supply, locked, folder) = small(dir.path());
        tamper(&folder);
        let refused = supply.find(&name(), &locked).unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert!(!refused.help().is_empty());
    }
}

#[test]
fn another_version_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (supply, locked, _) = small(dir.path());
    let other = Locked {
        version: "1.0.1".to_owned(),
        ..locked
    };
    let refused = supply.find(&name(), &other).unwrap_err().to_string();
    let empty = dir.path().join("empty");
    assert_eq!(
        refused,
        format!(
            "no package of provider `registry.example.com/test/fault` 1.0.1 for {} lies in `{}`, `{}`",
            platform(),
            empty.display(),
            dir.path().display()
        )
    );
}

#[test]
fn a_lock_without_a_checksum_that_can_be_checked_is_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    let (supply, locked, _) = small(dir.path());
    for (hashes, why) in [
        (vec![], "has no checksum of the provider"),
        (vec![LockedHash::Zh("00".to_owned())], "(h1)"),
    ] {
        let lock = Locked {
            hashes,
            ..locked.clone()
        };
        let refused = supply.find(&name(), &lock).unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert!(refused.help().contains("terraform providers lock"));
    }
}

/// An archive with these files, where a mirror has it.
fn archive(dir: &Path, files: &[(&str, &str)]) -> (Supply, PathBuf) {
    let home = dir.join("registry.example.com/test/fault");
    fs::create_dir_all(&home).unwrap();
    let path = home.join(format!("terraform-provider-fault_1.0.0_{}.zip", platform()));
    let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let supply = Supply {
        folders: vec![dir.to_owned()],
        unpack_dir: dir.to_owned(),
    };
    (supply, path)
}

fn zh(path: &Path) -> Locked {
    let digest = Sha256::digest(fs::read(path).unwrap());
    Locked {
        version: "1.0.0".to_owned(),
        hashes: vec![LockedHash::Zh(hex::encode(digest))],
    }
}

const FILES: [(&str, &str); 2] = [
    ("LICENSE.txt", "none"),
    ("terraform-provider-fault_v1.0.0_x5", "binary"),
];

#[test]
fn an_archive_is_checked_and_then_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let (supply, path) = archive(dir.path(), &FILES);
    let by_archive = supply.find(&name(), &zh(&path)).unwrap();
    assert_eq!(fs::read_to_string(by_archive.binary()).unwrap(), "binary");
    let mode = fs::metadata(by_archive.binary())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);

    // The same files in a folder have the same h1.
    let other = tempfile::tempdir().unwrap();
    let (_, h1, _) = small(other.path());
    let by_files = supply.find(&name(), &h1).unwrap();
    assert_eq!(by_files.known_by(), &h1.hashes[0]);

    let unpacked = by_files.binary().to_owned();
    drop(by_files);
    assert!(!unpacked.exists());
}

#[test]
fn an_archive_that_is_another_or_leads_out_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (supply, path) = archive(dir.path(), &FILES);
    let lock = zh(&path);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last - 30] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(supply.find(&name(), &lock).is_err());

    for evil in ["../out", "/etc/out", "a/../../out", "a//b", "a\\b"] {
        let dir = tempfile::tempdir().unwrap();
        let files = [FILES[1], (evil, "evil")];
        let (supply, path) = archive(dir.path(), &files);
        let refused = supply.find(&name(), &zh(&path)).unwrap_err();
        assert!(matches!(refused, SupplyError::Archive { .. }), "{refused}");
        assert!(!dir.path().join("out").exists());
    }
    fs::write(&path, "no zip at all").unwrap();
    let refused = supply.find(&name(), &lock).unwrap_err().to_string();
    assert!(refused.contains("it is no zip archive"), "{refused}");
}
