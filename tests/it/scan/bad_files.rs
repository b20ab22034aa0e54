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
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json` is a device or pipe, not a file
    error: `state.json` is a device or pipe, not a file
    error: `live/snapshot.json` is a device or pipe, not a file
    error: `changes/CHG0030002.json` is a device or pipe, not a file
    error: `people.json` is a device or pipe, not a file
    error: `trail/trail.json` is a device or pipe, not a file
    error: `driftwarden.hcl` is a device or pipe, not a file
    ");
    // A key is read before anything else is.
    let place = place();
    let key = place.path("evidence.keys/signing.key");
    fs::remove_file(&key).unwrap();
    assert!(Command::new("mkfifo").arg(&key).status().unwrap().success());
    assert_snapshot!(refuses_at_once(&place), @"
    error: the key file `evidence.keys/signing.key` is no file
      help: put the file back from a backup; a lost key cannot be made again, and a log goes on only with its own: `driftwarden evidence key lost --help` says what is left to do
    ");
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
    assert_snapshot!(messages, @"
    error: cannot read `plans`: no such file or folder
      help: relative paths start at the configuration file's folder
    error: cannot read `state.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    error: no file matches `live/*.json*`
      help: relative patterns start at the configuration file's folder; a pattern that matches nothing is no empty estate
    error: cannot read `changes`: no such file or folder
      help: relative paths start at the configuration file's folder
    error: cannot read `people.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    error: no file matches `trail/*.json`
      help: relative patterns start at the configuration file's folder; a pattern that matches nothing is no empty estate
    ");
}

#[test]
fn empty() {
    let mut messages = String::new();
    for (_, name) in FILES {
        let place = place();
        place.write(name, "");
        messages += place.refuses().as_str();
    }
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json`: the file is empty
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `state.json`: the file is empty
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `live/snapshot.json`: the file is empty
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: changes/CHG0030002.json: the file is empty
      help: export the file again, or remove it
    error: people.json: the file is empty
      help: export the file again, or remove it
    error: `trail/trail.json` is empty
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
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
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json`: line 1, column 1: this is not JSON
      help: give the output of `terraform show -json PLANFILE`
    error: `state.json`: line 1, column 1: this is not JSON
      help: give the state file, or the output of `terraform show -json`
    error: `live/snapshot.json`: line 1, column 1: this is not JSON
      help: give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`
    error: changes/CHG0030002.json:1:1: not valid JSON: expected value
      help: look here and a little before for what is too much or missing: a comma, a quote, a bracket, an indentation
    error: people.json:1:1: not valid JSON: expected value
      help: look here and a little before for what is too much or missing: a comma, a quote, a bracket, an indentation
    error: `trail/trail.json` is not valid JSON (line 1, column 1)
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
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
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json`: the file is UTF-16 or binary, not UTF-8 text
      help: write it as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: `state.json`: the file is UTF-16 or binary, not UTF-8 text
      help: write it as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: `live/snapshot.json`: the file is UTF-16 or binary, not UTF-8 text
      help: write it as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: changes/CHG0030002.json:1:1: this is not UTF-8
      help: save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: people.json:1:1: this is not UTF-8
      help: save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: `trail/trail.json` is not valid UTF-8 (line 1, column 1)
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
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
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json`: line 31, column 22: this is not UTF-8
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `state.json`: line 20, column 27: this is not UTF-8
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `live/snapshot.json`: line 17, column 33: this is not UTF-8
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: changes/CHG0030002.json:22:33: this is not UTF-8
      help: save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: people.json:36:77: this is not UTF-8
      help: save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    error: `trail/trail.json` is not valid UTF-8 (line 29, column 34)
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
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
    assert_snapshot!(messages, @"
    error: `plans/2-rename.json`: line 1, column 130: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `state.json`: line 1, column 130: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: `live/snapshot.json`: line 1, column 129: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    error: changes/CHG0030002.json:1:7: unknown field `deep`
      help: known here: `number`, `system`, `state`, `type`, `window`, `requested_by`, `author`, `implemented_by`, `plan_sha256`, `workspace`, `approvals`, `updated_at`, `incident`, `emergency_approver`
    error: people.json:1:7: unknown field `deep`
      help: known here: `people`
    error: `trail/trail.json` nests deeper than 200 levels (line 1, column 209)
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    error: changes/deep.yaml:1:519: nested too deeply
      help: nothing in such a file nests so deep: export it again
    ");
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
    assert_snapshot!(messages, @"
    state as plan: error: `plans/2-rename.json`: this is a state, not a plan
    live as plan: error: `plans/2-rename.json`: this is not a plan
    change as plan: error: `plans/2-rename.json`: this is not a plan
    people as plan: error: `plans/2-rename.json`: this is not a plan
    trail as plan: error: `plans/2-rename.json`: this is not a plan
    plan as state: error: `state.json`: this is a plan, not a state
    live as state: error: `state.json`: this is not a state
    change as state: error: `state.json`: this is not a state
    people as state: error: `state.json`: this is not a state
    trail as state: error: `state.json`: this is not a state
    plan as live: error: `live/snapshot.json`: this is a plan, not a file of AWS Config items
    state as live: error: `live/snapshot.json`: this is a state, not a file of AWS Config items
    change as live: error: `live/snapshot.json`: no AWS Config items are in the file
    people as live: error: `live/snapshot.json`: no AWS Config items are in the file
    trail as live: error: `live/snapshot.json`: no AWS Config items are in the file
    plan as change: error: changes/CHG0030002.json:2:18: unknown field `format_version`
    state as change: error: changes/CHG0030002.json:2:18: unknown field `format_version`
    live as change: error: changes/CHG0030002.json:2:15: unknown field `fileVersion`
    people as change: error: changes/CHG0030002.json:2:10: unknown field `people`
    trail as change: error: changes/CHG0030002.json:2:11: unknown field `Records`
    plan as people: error: people.json:2:18: unknown field `format_version`
    state as people: error: people.json:2:18: unknown field `format_version`
    live as people: error: people.json:2:15: unknown field `fileVersion`
    change as people: error: people.json:2:10: unknown field `number`
    trail as people: error: people.json:2:11: unknown field `Records`
    plan as trail: error: `trail/trail.json` holds no trail records
    state as trail: error: `trail/trail.json` holds no trail records
    live as trail: error: `trail/trail.json` holds no trail records
    change as trail: error: `trail/trail.json` holds no trail records
    people as trail: error: `trail/trail.json` holds no trail records
    ");
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
