//! Files that are not what the configuration takes them for: none, empty, of another kind, or no
//! files at all. Each test begins with a log that holds a scan already.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use super::{Place, stderr};

/// Every kind of file that a scan reads, by its name in the case.
const FILES: [(&str, &str); 6] = [
    ("plan", "plans/2-rename.json"),
    ("state", "state.json"),
    ("live", "live/snapshot.json"),
    ("change", "changes/CHG0030002.json"),
    ("people", "people.json"),
    ("trail", "trail/trail.json"),
];

fn place() -> Place {
    Place::scanned("pending-authorised")
}

/// The scan's message, and that it came: not after minutes, and not only once somebody writes into a
/// pipe.
fn refuses_at_once(place: &Place) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let command = command.arg("scan").current_dir(place.dir());
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("the scan waits");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    stderr(&output)
}

#[test]
fn a_pipe_keeps_no_scan_waiting() {
    let configuration = [("configuration", "driftwarden.hcl")];
    let mut messages = String::new();
    for (_, name) in FILES.into_iter().chain(configuration) {
        let place = place();
        fs::remove_file(place.path(name)).unwrap();
        let made = Command::new("mkfifo").arg(place.path(name)).status();
        assert!(made.unwrap().success());
        messages += refuses_at_once(&place).lines().next().unwrap();
        messages += "\n";
    }
    assert_snapshot!(messages, @"");
    // A key is read before anything else is.
    let place = place();
    let key = place.path("evidence.keys/signing.key");
    fs::remove_file(&key).unwrap();
    assert!(Command::new("mkfifo").arg(&key).status().unwrap().success());
    assert_snapshot!(refuses_at_once(&place), @"");
}

#[test]
fn a_device_without_an_end() {
    for (_, name) in FILES {
        let place = place();
        fs::remove_file(place.path(name)).unwrap();
        symlink("/dev/zero", place.path(name)).unwrap();
        let message = refuses_at_once(&place);
        let expected = format!("error: `{name}` is a device or pipe, not a file\n  help: ");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn missing() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        match name.split_once('/') {
            Some((folder, _)) => fs::remove_dir_all(place.path(folder)).unwrap(),
            None => fs::remove_file(place.path(name)).unwrap(),
        }
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"");
}

#[test]
fn empty() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        place.write(name, "");
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"");
}

/// What a browser or a bucket answers instead of the file.
#[test]
fn a_page_instead_of_the_file() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        place.write(name, "<html>Access Denied</html>");
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"");
}

/// Redirecting in Windows PowerShell writes UTF-16.
#[test]
fn utf_16() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        let text = place.read(name);
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        place.write(name, bytes);
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"");
}

#[test]
fn not_utf_8() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        let mut bytes = place.read(name).into_bytes();
        // The first letter of the last text in the file.
        let at = bytes.iter().rposition(|byte| byte.is_ascii_alphabetic());
        bytes[at.unwrap()] = 0xff;
        place.write(name, bytes);
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"");
}

#[test]
fn five_thousand_levels_in_each() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        let text = place.read(name);
        place.write(name, text.replacen('{', &format!("{{\"deep\": {deep},"), 1));
        messages += place.refuses().as_str();
    }
    let place = place();
    place.write("changes/deep.yaml", format!("deep: {deep}"));
    messages += place.refuses().as_str();
    assert_snapshot!(messages, @"");
}

#[test]
fn every_kind_in_the_place_of_every_other() {
    let mut messages = String::new();
    for (kind, name) in FILES {
        for (other, from) in FILES.iter().filter(|(other, _)| *other != kind) {
            let place = place();
            fs::copy(place.path(from), place.path(name)).unwrap();
            let message = place.refuses();
            let first = message.lines().next().unwrap();
            assert!(message.contains("\n  help: "), "{message}");
            messages += &format!("{other} as {kind}: {first}\n");
        }
    }
    assert_snapshot!(messages, @"");
}

#[test]
fn a_plan_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let path = place.path("state.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing keeps root from reading.
    if fs::File::open(&path).is_ok() {
        println!("skipped: this account reads everything");
        return;
    }
    assert_snapshot!(place.refuses(), @"
    error: cannot read `state.json`: permission denied
      help: let the account that runs driftwarden read it
    ");
}
