//! Imports point one way, and deciding is pure: ARCHITECTURE.md as a test.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]
#![expect(
    clippy::string_slice,
    reason = "source is cut where it was found to be cut"
)]

mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use crate::cases::files_below;
use paths::{code, named};

/// What each folder of src, or module in one, may import beside itself: the whole permission. Nobody
/// imports from a line below its own, so that there is no way round.
const MAY_IMPORT: [(&str, &[&str]); 34] = [
    ("model", &[]),
    ("ingest::json", &["model"]),
    ("ingest::hcl", &[]),
    ("normalise", &["model", "ingest::json"]),
    (
        "ingest",
        &["model", "ingest::json", "ingest::hcl", "normalise"],
    ),
    (
        "provider",
        &["model", "ingest::json", "ingest::hcl", "ingest"],
    ),
    (
        "decide",
        &[
            "model",
            "ingest::json",
            "ingest::hcl",
            "normalise",
            "ingest",
        ],
    ),
    ("decide::guards", &["model", "decide"]),
    ("evidence", &["model"]),
    ("report", &["model"]),
    ("config", &["model", "ingest::hcl"]),
    (
        "ports",
        &["model", "provider", "decide::guards", "evidence"],
    ),
    (
        "engine",
        &[
            "model",
            "ingest::json",
            "normalise",
            "ingest",
            "provider",
            "decide",
            "decide::guards",
            "evidence",
            "ports",
        ],
    ),
    ("adapters::reason", &[]),
    ("adapters::signing", &["evidence", "adapters::reason"]),
    (
        "adapters::store",
        &["model", "evidence", "adapters::reason", "adapters::signing"],
    ),
    ("adapters::files", &["model", "config", "adapters::reason"]),
    (
        "adapters::evidence",
        &[
            "model",
            "evidence",
            "ports",
            "adapters::signing",
            "adapters::store",
        ],
    ),
    (
        "adapters::remote",
        &[
            "model",
            "evidence",
            "ports",
            "adapters::reason",
            "adapters::store",
        ],
    ),
    (
        "adapters::aws",
        &["model", "evidence", "ports", "adapters::signing"],
    ),
    ("adapters::aws_config", &["model", "ports"]),
    (
        "adapters::estate",
        &["model", "evidence", "config", "ports", "adapters::files"],
    ),
    (
        "adapters::alerts",
        &["model", "report", "config", "ports", "adapters::reason"],
    ),
    (
        "adapters::fixes",
        &[
            "model",
            "decide::guards",
            "report",
            "ports",
            "adapters::reason",
            "adapters::files",
        ],
    ),
    ("adapters::http", &["ports"]),
    (
        "adapters::inbox",
        &["ports", "adapters::reason", "adapters::files"],
    ),
    (
        "adapters::index",
        &["evidence", "adapters::reason", "adapters::store"],
    ),
    ("adapters::journal", &["adapters::reason"]),
    (
        "adapters::provider",
        &["model", "provider", "ports", "adapters::reason"],
    ),
    ("adapters::supervisor", &["ports"]),
    (
        "adapters::terraform",
        &["model", "ports", "adapters::reason"],
    ),
    ("adapters::watch", &["ports"]),
    ("adapters", &[]),
    (
        "cli",
        &[
            "model",
            "normalise",
            "ingest",
            "provider",
            "decide",
            "decide::guards",
            "evidence",
            "report",
            "config",
            "ports",
            "engine",
            "adapters::signing",
            "adapters::store",
            "adapters::files",
            "adapters::evidence",
            "adapters::estate",
            "adapters::remote",
            "adapters::aws",
            "adapters::aws_config",
            "adapters::alerts",
            "adapters::fixes",
            "adapters::http",
            "adapters::inbox",
            "adapters::index",
            "adapters::journal",
            "adapters::provider",
            "adapters::supervisor",
            "adapters::terraform",
            "adapters::watch",
        ],
    ),
];

/// Folders that know no clock, network, file, thread or randomness.
const PURE: [&str; 8] = [
    "model",
    "ingest",
    "normalise",
    "provider",
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
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "Timestamp::now",
    "jiff::Timestamp::now",
    "tokio",
    "getrandom",
];

/// Where the command line names adapters: `wire` puts them behind the ports; the others show or
/// check what lies on disk, for which there is no port.
const NAMES_ADAPTERS: [(&str, &[&str]); 4] = [
    ("cli::wire", &["adapters"]),
    ("cli::check", &["adapters::files"]),
    ("cli::demo", &["adapters::files"]),
    (
        "cli::evidence",
        &[
            "adapters::store",
            "adapters::signing::export_signer",
            "adapters::index",
        ],
    ),
];

/// The verifier is what an auditor has to trust: no engine, no command line, no readers.
const VERIFIER: [&str; 4] = ["model", "evidence", "adapters::store", "report::escape"];

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The path of a file's module within the crate.
fn module(path: &Path) -> String {
    let name = path.strip_prefix(src()).unwrap().with_extension("");
    let name = name.to_str().unwrap().replace('/', "::");
    name.strip_suffix("::mod").unwrap_or(&name).to_owned()
}

/// Every module's path and code; tests beside the code are not the code.
fn modules() -> Vec<(String, String)> {
    let files = files_below(&src()).into_iter().filter(|path| {
        let name = path.strip_prefix(src()).unwrap().to_str().unwrap();
        name.ends_with(".rs") && !name.contains("tests") && !name.contains("test_support")
    });
    files
        .map(|path| (module(&path), code(&fs::read_to_string(&path).unwrap())))
        .filter(|(module, _)| module != "lib" && module != "main")
        .collect()
}

/// Whether a path is that folder or module, or lies in it.
fn is_within(path: &str, module: &str) -> bool {
    let rest = path.strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The narrowest line of the table for a path.
fn line_of(path: &str) -> Option<(&'static str, &'static [&'static str])> {
    let lines = MAY_IMPORT.into_iter();
    let lines = lines.filter(|(module, _)| is_within(path, module));
    lines.max_by_key(|(module, _)| module.len())
}

/// What a module imports though its line does not permit it.
fn wrong_imports(module: &str, code: &str) -> Vec<String> {
    let (own, may) = line_of(module).unwrap_or((module, &[]));
    let mut wrong = Vec::new();
    for named in named(module, code) {
        let Some(path) = named.path.strip_prefix("crate::") else {
            continue;
        };
        let Some((target, _)) = line_of(path) else {
            continue;
        };
        // A folder's own parts are its own, whether they have a line or not.
        let own_part = target == own || is_within(target, own);
        if !own_part && !may.contains(&target) {
            wrong.push(format!(
                "{module}:{}: {own} may not import {path}",
                named.line
            ));
        }
    }
    wrong
}

fn impure_words(module: &str, code: &str) -> Vec<String> {
    let named = named(module, code).into_iter();
    let impure = named.filter(|named| IMPURE.iter().any(|word| is_within(&named.path, word)));
    let mut wrong: Vec<String> = impure
        .map(|named| format!("{module}:{}: {}", named.line, named.path))
        .collect();
    if code.contains("println!") || code.contains("eprint!") || code.contains(" print!") {
        wrong.push(format!("{module}: prints"));
    }
    wrong
}

fn is_pure(module: &str) -> bool {
    PURE.iter().any(|area| is_within(module, area))
}

fn names_adapters_wrongly(module: &str, code: &str) -> Vec<String> {
    let own = NAMES_ADAPTERS
        .iter()
        .find(|(own, _)| is_within(module, own));
    let may: &[&str] = own.map_or(&[], |(_, may)| may);
    let named = named(module, code).into_iter().filter(|named| {
        let path = named.path.strip_prefix("crate::").unwrap_or_default();
        is_within(path, "adapters") && !may.iter().any(|may| is_within(path, may))
    });
    named
        .map(|named| format!("{module}:{}: {}", named.line, named.path))
        .collect()
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn imports_point_one_way() {
    let modules = modules();
    let wrong = modules
        .iter()
        .flat_map(|(module, code)| wrong_imports(module, code));
    assert_none(&wrong.collect::<Vec<_>>());
    for (line, _) in MAY_IMPORT {
        let is_there = modules.iter().any(|(module, _)| is_within(module, line));
        assert!(is_there, "src/{line} is gone");
    }
}

/// The table itself has a direction: each line permits only lines above it.
#[test]
fn the_table_has_no_way_round() {
    for (at, (module, may)) in MAY_IMPORT.iter().enumerate() {
        let above = &MAY_IMPORT[..at];
        for target in *may {
            let is_above = above.iter().any(|(module, _)| module == target);
            assert!(is_above, "{module} may not be permitted {target}");
        }
    }
}

#[test]
fn every_folder_has_its_line() {
    for (module, _) in modules() {
        let known = module.starts_with("bin::") || line_of(&module).is_some();
        assert!(known, "{module}: say in this test what it may import");
    }
}

#[test]
fn deciding_is_pure() {
    let modules = modules().into_iter().filter(|(module, _)| is_pure(module));
    let wrong = modules.flat_map(|(module, code)| impure_words(&module, &code));
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn the_scan_is_wired_in_one_place() {
    let cli = modules()
        .into_iter()
        .filter(|(module, _)| is_within(module, "cli"));
    let wrong = cli.flat_map(|(module, code)| names_adapters_wrongly(&module, &code));
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn the_verifier_needs_little() {
    let mut own = Vec::new();
    for file in files_below(&src().join("bin/driftwarden-verify")) {
        let text = fs::read_to_string(&file).unwrap();
        for named in named("bin::driftwarden-verify", &code(&text)) {
            if let Some(path) = named.path.strip_prefix("driftwarden::") {
                own.push((file.clone(), named.line, path.to_owned()));
            }
        }
    }
    assert!(!own.is_empty());
    for (file, line, path) in own {
        let permitted = VERIFIER.iter().any(|may| is_within(&path, may));
        assert!(permitted, "{}:{line}: {path}", file.display());
    }
}

/// Each check, shown what it is there to find.
#[test]
fn a_wrong_import_is_found() {
    let found = |module: &str, code: &str| wrong_imports(module, code).len();
    for (module, code) in [
        ("model::deviation", "use crate::report::Style;"),
        (
            "decide::assess",
            "crate::report::sort_deviations(&mut all);",
        ),
        ("decide::assess", "use super::super::report::Style;"),
        ("normalise::form", "use crate::ingest::plan::Plan;"),
        ("ingest::json::parse", "use super::super::plan::Plan;"),
        ("ingest::json", "use crate::normalise::Catalogue;"),
        ("evidence::verify", "use crate::{\n    ports::Estate,\n};"),
        ("engine::scan", "use crate::adapters::files::expand;"),
        ("engine::scan", "use crate::config::Config;"),
        ("adapters::files", "use super::store::EvidenceLog;"),
        (
            "adapters::signing",
            "use crate::adapters::files::read_text;",
        ),
        ("ports", "use crate::cli::run;"),
    ] {
        assert_eq!(found(module, code), 1, "{module}: {code}");
    }
    for (module, code) in [
        ("decide::assess", "use super::compare::Comparison;"),
        ("normalise::form", "use crate::ingest::json::Element;"),
        (
            "ingest::plan",
            "use super::json::stream; use super::state::State;",
        ),
        ("adapters::evidence", "use super::store::EvidenceLog;"),
        ("adapters::store::log", "use super::disk::Disk;"),
        ("cli::scan", "use crate::engine::Outcome;"),
        ("cli::scan", "// use crate::report"),
    ] {
        assert_eq!(found(module, code), 0, "{module}: {code}");
    }
}

#[test]
fn an_impurity_is_found() {
    for code in [
        "use std::{fs, io};",
        "let now = jiff::Timestamp::now();",
        "let now = Timestamp::now();",
        "use std::time::{Duration, Instant};",
        "std::env::var(\"HOME\")",
        "println!(\"{now}\");",
    ] {
        assert_eq!(impure_words("decide::assess", code).len(), 1, "{code}");
    }
    for code in [
        "use std::net::IpAddr;",
        "use std::time::Duration;",
        "writeln!(out)",
    ] {
        assert_eq!(impure_words("decide::assess", code).len(), 0, "{code}");
    }
}

#[test]
fn an_adapter_out_of_place_is_found() {
    let found = |module: &str, code: &str| names_adapters_wrongly(module, code).len();
    let store = "use crate::adapters::store::EvidenceReader;";
    assert_eq!(found("cli::scan", store), 1);
    assert_eq!(found("cli::check", store), 1);
    assert_eq!(found("cli::evidence::show", store), 0);
    assert_eq!(found("cli::wire", store), 0);
}
