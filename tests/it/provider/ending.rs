//! No provider outlives us, and none leaves its folder behind.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use driftwarden::ports::ResourceProvider;

use super::support::{THING, assert_none_left, bench, providers_of};

#[test]
fn a_provider_ends_with_its_session() {
    for fault in ["", "does-not-end"] {
        let mut bench = bench(fault, "6");
        let dir = bench.dir.path().to_owned();
        assert_eq!(providers_of(&dir).len(), 1);
        let folders = || fs::read_dir(&dir).unwrap().flatten();
        let private = folders().find(|one| one.file_name().to_string_lossy().starts_with("dw-"));
        let mode = private.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        bench.session.end();
        assert_none_left(&dir);
        let left = folders().filter(|one| one.file_name().to_string_lossy().starts_with("dw-"));
        assert_eq!(left.count(), 0, "{fault}");
        // It is started again when it is asked.
        assert!(bench.session.schema(THING).is_ok());
    }
}

#[test]
fn a_provider_sees_nothing_of_our_environment() {
    let bench = bench("", "6");
    let pid = providers_of(bench.dir.path())[0];
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let mut names: Vec<&str> = environment
        .split('\0')
        .filter_map(|variable| variable.split_once('='))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "CHECKPOINT_DISABLE",
            "FAULT",
            "PLUGIN_PROTOCOL_VERSIONS",
            "PLUGIN_UNIX_SOCKET_DIR",
            "PROTOCOL",
            "TF_PLUGIN_MAGIC_COOKIE",
            "TMPDIR",
        ]
    );
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core"))
        .unwrap();
    assert!(core.contains(" 0  "), "{core}");
}

/// The thread that started it ends without a word, as a process does that is killed: the system tells
/// the provider then. Only the launcher's promise can end it, because the session is never dropped.
#[test]
fn a_provider_ends_when_who_started_it_is_gone() {
    let dir = std::thread::spawn(|| {
        let bench = bench("", "6");
        let dir = bench.dir.path().to_owned();
        assert_eq!(providers_of(&dir).len(), 1);
        std::mem::forget(bench);
        dir
    });
    let dir = dir.join().unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while !providers_of(&dir).is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_none_left(&dir);
    fs::remove_dir_all(dir).unwrap();
}
