//! A case's folder, copied to where a scan may write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::adapters::store::{EvidenceReader, Folder};
use driftwarden::evidence::verify::{Trust, verify};
use driftwarden::model::Sha256Digest;
use tempfile::TempDir;

use super::config_text;

/// Stands in change records for the digest of a plan of the case, so that a plan can be edited.
const DIGEST: &str = "sha256 of ";

pub struct Copy {
    dir: TempDir,
}

impl Copy {
    pub fn empty() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub fn of(folder: &Path) -> Self {
        let copy = Self::empty();
        copy.lay_over(folder);
        copy
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Puts the files of a folder over those that are there. An empty file `NAME.gone` takes NAME
    /// away.
    pub fn lay_over(&self, folder: &Path) {
        for from in files_below(folder) {
            let name = from.strip_prefix(folder).unwrap();
            let first = name.iter().next().unwrap().to_str().unwrap();
            if first == "expected.json" || first.starts_with("then-") {
                continue;
            }
            let to = self.path().join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            if to.extension().is_some_and(|extension| extension == "gone") {
                fs::remove_file(to.with_extension("")).unwrap();
            } else {
                fs::copy(&from, &to).unwrap();
            }
        }
        self.fill_in_digests();
        let config = self.path().join("driftwarden.hcl");
        if !config.exists() {
            fs::write(config, config_text(self.path())).unwrap();
        }
    }

    fn fill_in_digests(&self) {
        let plans: BTreeMap<String, Sha256Digest> = files_below(self.path())
            .into_iter()
            .map(|path| {
                let name = path.strip_prefix(self.path()).unwrap();
                let digest = Sha256Digest::of(&fs::read(&path).unwrap());
                (name.to_str().unwrap().to_owned(), digest)
            })
            .collect();
        for path in files_below(&self.path().join("changes")) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let mut filled = text.clone();
            for (name, digest) in &plans {
                filled = filled.replace(&format!("\"{DIGEST}{name}\""), &format!("\"{digest}\""));
            }
            assert!(!filled.contains(DIGEST), "{path:?} names no plan: {filled}");
            if filled != text {
                fs::write(&path, filled).unwrap();
            }
        }
    }

    fn evidence(&self) -> PathBuf {
        self.path().join("evidence")
    }

    pub fn entries(&self) -> u64 {
        let reader = EvidenceReader::open(&self.evidence());
        reader.map_or(0, |reader| reader.entries().count() as u64)
    }

    /// What `driftwarden-verify` holds against the evidence folder, where there is one.
    pub fn evidence_failures(&self) -> Vec<String> {
        if !self.evidence().join("checkpoint").exists() {
            return Vec::new();
        }
        let verification = verify(&Folder::new(&self.evidence()), &Trust::default());
        let failures = verification.failures.iter();
        failures
            .map(|failure| format!("the evidence is not whole: {failure}"))
            .collect()
    }
}

/// Every file below a folder, sorted; none where the folder is not there.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files_below(&entry));
        } else {
            found.push(entry);
        }
    }
    found
}
