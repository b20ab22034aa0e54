//! Large estates from the load generator, whose deviations are all known. Building and running it
//! takes minutes on a small machine, so it waits to be asked: `DRIFTWARDEN_LOADGEN=1`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Place, result};
use crate::sources::shared;

const CONFIG: &str = r#"
evidence { dir = "evidence" }
baseline "*" {
  plan     = "plans/stack-*.json"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["config/*.json"] }
"#;

fn generator() -> Option<PathBuf> {
    if std::env::var_os("DRIFTWARDEN_LOADGEN").is_none() {
        println!("skipped: set DRIFTWARDEN_LOADGEN=1 to build and run the load generator");
        return None;
    }
    let manifest = shared("loadgen/Cargo.toml")?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loadgen");
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args([
        "build",
        "--release",
        "--quiet",
        "--locked",
        "--manifest-path",
    ]);
    let built = cargo.arg(manifest).arg("--target-dir").arg(&target);
    assert!(built.status().unwrap().success());
    Some(target.join("release/dwgen"))
}

/// Kind, resource, attribute.
type Row = (String, String, String);

/// The generator names an unmanaged resource by the id that Config gives it, a scan by the one that
/// Terraform would import: the ARN's last part is in both.
fn last(id: &str) -> String {
    id.rsplit([':', '/']).next().unwrap_or(id).to_owned()
}

fn expected(row: &Value) -> Row {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let (kind, address, path) = (text("kind"), text("address"), text("tf_path"));
    if kind != "changed" {
        let resource = match address.is_empty() {
            true => last(&text("arn")),
            false => address,
        };
        return (kind, resource, String::new());
    }
    match path.split_once('.') {
        Some(("tags", key)) => (kind, address, format!("/tags_all/{key}")),
        Some((part, attribute)) => {
            let address = address.replace(".aws_s3_bucket.", &format!(".{part}."));
            (kind, address, format!("/{attribute}"))
        }
        None => (kind, address, format!("/{path}")),
    }
}

fn found(deviation: &Value) -> Row {
    let text = |name: &str| deviation[name].as_str().unwrap_or_default().to_owned();
    let resource = match text("address") {
        address if address.is_empty() => last(&text("provider_id")),
        address => address,
    };
    (text("kind"), resource, text("attribute"))
}

#[test]
fn a_generated_estate_deviates_exactly_as_its_generator_says() {
    let Some(generator) = generator() else { return };
    for (seed, noise) in [("42", ".05"), ("7", ".5")] {
        let place = Place::empty();
        let mut generate = Command::new(&generator);
        let generate = generate.args(["-n", "2000", "--seed", seed, "--drift", ".05"]);
        let generate = generate.args(["--noise", noise, "-o", "."]);
        let generated = generate.current_dir(place.dir()).output().unwrap();
        assert!(generated.status.success(), "{generated:?}");
        place.write("driftwarden.hcl", CONFIG);
        let result = result(&place.scan());
        let truth = fs::read_to_string(place.path("expected.jsonl")).unwrap();
        let truth: Vec<Value> = truth
            .lines()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        let deviations = result["deviations"].as_array().unwrap();
        let wanted: BTreeSet<Row> = truth.iter().map(expected).collect();
        assert_eq!(
            deviations.iter().map(found).collect::<BTreeSet<_>>(),
            wanted,
            "seed {seed}"
        );
        assert_eq!(deviations.len(), truth.len(), "seed {seed}");
        assert!(wanted.len() > 50, "seed {seed}");
        assert_eq!(
            result["gaps"].as_array().map(Vec::len),
            Some(0),
            "seed {seed}"
        );
        assert_eq!(place.verify().status.code(), Some(0));
    }
}
