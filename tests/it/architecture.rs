//! Imports point one way, and deciding is pure: ARCHITECTURE.md as a test.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::cases::files_below;

/// Which folders of src, or modules in them, each one may import from, itself left out. What stands
/// here is the whole permission.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("normalise", &["model", "ingest::json"]),
    ("ingest", &["model", "normalise"]),
    ("decide", &["model", "ingest", "normalise"]),
    ("evidence", &["model"]),
    ("report", &["model"]),
    ("config", &["model"]),
    ("ports", &["model", "evidence"]),
    (
        "engine",
        &[
            "model",
            "ingest",
            "normalise",
            "decide",
            "evidence",
            "ports",
        ],
    ),
    ("adapters", &["model", "evidence", "config", "ports"]),
    (
        "cli",
        &[
            "model",
            "ingest",
            "normalise",
            "decide",
            "evidence",
            "report",
            "config",
            "ports",
            "engine",
            "adapters",
        ],
    ),
];

/// Folders that know no clock, network, file, thread or randomness.
const PURE: [&str; 7] = [
    "model",
    "ingest",
    "normalise",
    "decide",
    "evidence",
    "report",
    "config",
];

/// What brings the outside world in. `std::net` addresses are values; sockets are not.
const IMPURE: [&str; 13] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "Timestamp::now",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "tokio",
    "getrandom",
    "println!",
];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Files of one folder, or of the file that stands for it; tests beside the code are not the code.
fn sources(area: &str) -> Vec<PathBuf> {
    let mut files = files_below(&src().join(area));
    files.extend(Some(src().join(format!("{area}.rs"))).filter(|file| file.exists()));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.retain(|path| {
        let name = path.strip_prefix(src()).unwrap().to_str().unwrap();
        !name.contains("tests") && !name.contains("test_support")
    });
    files
}

/// The lines of a file before its tests, without comments, numbered.
fn lines(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.lines().zip(1..).map(|(line, number)| (number, line));
    code.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number, line.to_owned()))
        .collect()
}

fn place(path: &Path, number: usize) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    format!("{}:{number}", path.display())
}

/// Every path that a line names by `crate::`, as far as it stands on that line.
fn imported(line: &str) -> Vec<String> {
    let parts = line.split("crate::").skip(1);
    let names = parts.flat_map(|part| match part.strip_prefix('{') {
        Some(braced) => braced.split(',').collect(),
        None => vec![part],
    });
    names
        .map(|name| {
            let name = name.trim();
            let end = name.find(|c: char| !c.is_alphanumeric() && !"_:".contains(c));
            name[..end.unwrap_or(name.len())].to_owned()
        })
        .collect()
}

/// Whether a path is that folder or module, or lies in it.
fn is_within(path: &str, module: &str) -> bool {
    let rest = path.strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn imports_point_one_way() {
    let is_area = |path: &str| ALLOWED.iter().any(|(area, _)| is_within(path, area));
    let mut wrong = Vec::new();
    for (area, may) in ALLOWED {
        let files = sources(area);
        assert!(!files.is_empty(), "src/{area} is gone");
        for path in files {
            for (number, line) in lines(&path) {
                let permitted = |path: &str| {
                    is_within(path, area) || may.iter().any(|module| is_within(path, module))
                };
                let mut imported = imported(&line).into_iter();
                if let Some(bad) = imported.find(|path| is_area(path) && !permitted(path)) {
                    let place = place(&path, number);
                    wrong.push(format!(
                        "{place}: {area} may not import {bad}: {}",
                        line.trim()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_folder_has_its_line() {
    let entries = fs::read_dir(src())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for folder in entries.filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let known = name == "bin" || ALLOWED.iter().any(|(area, _)| *area == name);
        assert!(known, "src/{name}: say in this test what it may import");
    }
}

#[test]
fn deciding_is_pure() {
    let mut wrong = Vec::new();
    for area in PURE {
        for path in sources(area) {
            for (number, line) in lines(&path) {
                if let Some(word) = IMPURE.iter().find(|word| line.contains(**word)) {
                    let place = place(&path, number);
                    wrong.push(format!("{place}: `{word}` in {area}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Concrete adapters are named in one file of the command line, and in those that show or check what
/// lies on disk.
#[test]
fn the_scan_is_wired_in_one_place() {
    for file in [
        "scan.rs",
        "findings.rs",
        "rules.rs",
        "progress.rs",
        "args.rs",
    ] {
        for (number, line) in lines(&src().join("cli").join(file)) {
            let names_one = line.contains("adapters::");
            assert!(!names_one, "src/cli/{file}:{number}: {line}");
        }
    }
}
