//! `driftwarden scan` and `driftwarden-verify` as a user meets them: the binaries, their exit
//! status, their messages and what they leave on disk.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a test damages its own copy of what a scan reads"
)]

mod alpha;
mod bad_configuration;
mod bad_files;
mod bad_input;
mod beta;
mod commands;
mod disk;
mod evidence;
mod generated;
mod order;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::cases::Copy;

/// The folder of a case with both binaries around it. Everything runs within the folder, so that
/// messages hold no path of this machine.
pub struct Place {
    copy: Copy,
}

impl Place {
    /// A case that was never scanned.
    pub fn of(case: &str) -> Self {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
        Self {
            copy: Copy::of(&cases.join(case)),
        }
    }

    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self {
            copy: Copy::empty(),
        }
    }

    /// A case after its first scan.
    pub fn scanned(case: &str) -> Self {
        let place = Self::of(case);
        let output = place.scan();
        assert_ne!(output.status.code(), Some(1), "{}", stderr(&output));
        place
    }

    pub fn dir(&self) -> &Path {
        self.copy.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces the one occurrence of a text in a file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "{name}: {from}");
        self.write(name, text.replace(from, to));
    }

    pub fn driftwarden(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        let command = command.args(arguments).current_dir(self.dir());
        command.env_remove("RUST_BACKTRACE").output().unwrap()
    }

    pub fn scan(&self) -> Output {
        self.driftwarden(&["scan", "--format", "json"])
    }

    pub fn verify(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"));
        let command = command.arg("evidence").current_dir(self.dir());
        command.output().unwrap()
    }

    pub fn entries(&self) -> u64 {
        self.copy.entries()
    }

    /// Every file of the evidence folder outside `.state`, with its bytes.
    pub fn evidence(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let root = self.path("evidence");
        let files = crate::cases::files_below(&root).into_iter();
        let public = files.filter(|path| !path.starts_with(root.join(".state")));
        public
            .map(|path| {
                let bytes = fs::read(&path).unwrap();
                (path, bytes)
            })
            .collect()
    }

    /// Scans, and holds that nothing was found out: exit status 1, nothing on stdout, the evidence
    /// as before and whole. Gives the message.
    pub fn refuses(&self) -> String {
        let before = self.evidence();
        let output = self.scan();
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(output.stdout.is_empty(), "{}", stdout(&output));
        if !before.is_empty() {
            assert!(self.evidence() == before, "the evidence changed: {message}");
            let verified = self.verify();
            assert_eq!(verified.status.code(), Some(0), "{}", stdout(&verified));
        }
        message
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The result of a scan.
pub fn result(output: &Output) -> Value {
    let wrong = || format!("{}{}", stdout(output), stderr(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", wrong()))
}
