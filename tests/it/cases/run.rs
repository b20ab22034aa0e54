//! One scan of a folder, with a clock that stands still.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use driftwarden::cli::scan::{Format, Recorded, exit_code, print};
use driftwarden::cli::wire;
use driftwarden::engine::Silent;
use jiff::Timestamp;
use serde_json::Value;

/// What a scan gave: its exit status, and its result as JSON or its message.
pub struct Scanned {
    pub exit: u8,
    pub result: Result<Value, String>,
}

/// Scans as `driftwarden scan --format json` does, but for the clock.
pub fn run_scan(folder: &Path, now: Timestamp) -> Scanned {
    let config = folder.join("driftwarden.hcl");
    let config = match wire::load_config(&config) {
        Ok(config) => config,
        Err(error) => return failed(&error),
    };
    let outcome = match wire::run_scan(&config, 2, &|| now, &Silent) {
        Ok(outcome) => outcome,
        Err(error) => return failed(&error),
    };
    let mut out = Vec::new();
    print(
        &outcome,
        Format::Json,
        "driftwarden.hcl",
        Recorded {
            dir: "evidence",
            outside: None,
        },
        &mut out,
    )
    .unwrap();
    let code = exit_code(&outcome);
    let exit = [0, 1, 2]
        .into_iter()
        .find(|exit| code == ExitCode::from(*exit));
    Scanned {
        exit: exit.unwrap(),
        result: Ok(serde_json::from_slice(&out).unwrap()),
    }
}

fn failed(error: &anyhow::Error) -> Scanned {
    Scanned {
        exit: 1,
        result: Err(format!("{error:#}")),
    }
}

/// The configuration of a case that brings none: one workspace, `payments`, of whatever is there.
pub fn config_text(folder: &Path) -> String {
    let mut text = String::from("evidence { dir = \"evidence\" }\n");
    let has = |name: &str| folder.join(name).exists();
    let plan = ["plan.json", "plans"].into_iter().find(|name| has(name));
    if let Some(plan) = plan {
        let state = has("state.json").then_some("  state = \"state.json\"\n");
        let source = has("source").then_some("  source = \"source\"\n");
        let approval = (!has("changes")).then_some("  approval = \"assumed\"\n");
        let _ = writeln!(
            text,
            "baseline \"payments\" {{\n  plan = \"{plan}\"\n{}{}{}}}",
            state.unwrap_or_default(),
            source.unwrap_or_default(),
            approval.unwrap_or_default(),
        );
    }
    let blocks = [
        (
            "live",
            "live \"aws_config_snapshot\" \"prod\" { files = [\"live/*.json*\"] }",
        ),
        ("changes", "changes \"files\" { dir = \"changes\" }"),
        ("people.json", "identity { file = \"people.json\" }"),
        (
            "trail",
            "activity \"cloudtrail_files\" \"trail\" { files = [\"trail/*.json\"] }",
        ),
        ("rules", "rules { dirs = [\"rules\"] }"),
    ];
    for (name, block) in blocks {
        if has(name) {
            let _ = writeln!(text, "{block}");
        }
    }
    text
}
