//! A workspace whose provider is the one that fails on request.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use driftwarden::provider::lock::Locked;
use serde_json::{Value as Json, json};

use super::support::{SECRETS, assert_no_secret, assert_none_left, mirror};

pub struct Workspace {
    dir: tempfile::TempDir,
}

/// What somebody approved and applied: two things, one of which has rules of its own elsewhere.
fn plan(store: &Path) -> Json {
    let thing = |name: &str, after: Json, unknown: Json| {
        json!({
            "address": format!("fault_thing.{name}"), "mode": "managed", "type": "fault_thing",
            "name": name, "provider_name": "registry.example.com/test/fault",
            "change": {"actions": ["create"], "before": null, "after": after,
                       "after_unknown": unknown, "after_sensitive": {}},
        })
    };
    let written = |name: &str, expressions: Json| {
        json!({
            "address": format!("fault_thing.{name}"), "mode": "managed", "type": "fault_thing",
            "name": name, "provider_config_key": "fault", "expressions": expressions,
        })
    };
    let unknown = json!({"id": true, "size": true, "zone": true, "seen": true});
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "variables": {"token": {"value": SECRETS[0]}},
        "resource_changes": [
            thing("front", json!({"name": "front", "secret": SECRETS[1], "tags": null,
                "rule": [{"port": 443, "cidr": "10.0.0.0/8"}]}), unknown.clone()),
            thing("back", json!({"name": "back", "secret": null, "tags": {"env": "prod"},
                "rule": []}), unknown),
        ],
        "configuration": {
            "provider_config": {"fault": {
                "name": "fault", "full_name": "registry.example.com/test/fault",
                "expressions": {"store": {"constant_value": store},
                                "token": {"references": ["var.token"]}}}},
            "root_module": {"resources": [
                written("front", json!({"name": {"constant_value": "front"},
                    "secret": {"references": ["var.secret"]},
                    "rule": [{"port": {"constant_value": 443}, "cidr": {"references": ["var.c"]}}]})),
                written("back", json!({"name": {"constant_value": "back"},
                    "tags": {"references": ["local.tags"]}})),
            ]},
        },
    })
}

pub fn live(name: &str) -> Json {
    match name {
        "front" => json!({"id": "t-front", "name": "front", "size": 1, "zone": "a", "seen": 0,
            "secret": SECRETS[1], "tags": null, "limits": null, "once": null,
            "rule": [{"port": 443, "cidr": "10.0.0.0/8", "rule_id": null}]}),
        _ => json!({"id": "t-back", "name": "back", "size": 1, "zone": "a", "seen": 0,
            "secret": null, "tags": {"env": "prod"}, "limits": null, "once": null, "rule": []}),
    }
}

pub fn lock_text(locked: &Locked) -> String {
    format!(
        "provider \"registry.example.com/test/fault\" {{\n  version = \"{}\"\n  hashes = [\"{}\"]\n}}\n",
        locked.version, locked.hashes[0]
    )
}

impl Workspace {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        let (_, locked) = mirror(&path.join("mirror"));
        let store = path.join("store");
        fs::create_dir_all(&store).unwrap();
        let write = |name: &str, text: String| fs::write(path.join(name), text).unwrap();
        write("lock.hcl", lock_text(&locked));
        write("plan.json", plan(&store).to_string());
        let instance = |name: &str| {
            json!({"mode": "managed", "type": "fault_thing", "name": name,
                "provider": "provider[\"registry.example.com/test/fault\"]",
                "instances": [{"schema_version": 1, "attributes": live(name)}]})
        };
        let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l",
            "outputs": {}, "resources": [instance("front"), instance("back")]});
        write("state.json", state.to_string());
        write(
            "driftwarden.hcl",
            "evidence { dir = \"evidence\" }\nbaseline \"shop\" {\n  plan = \"plan.json\"\n  \
             state = \"state.json\"\n  approval = \"assumed\"\n}\n\
             live \"aws_config_snapshot\" \"none\" { files = [\"live/*.json\"] }\n"
                .to_owned(),
        );
        let workspace = Self { dir };
        workspace.store("front", &live("front"));
        workspace.store("back", &live("back"));
        workspace
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn store(&self, name: &str, value: &Json) {
        let path = self.path().join(format!("store/t-{name}.json"));
        fs::write(path, value.to_string()).unwrap();
    }

    /// Stdout of another command, which has to do its job.
    pub fn other(&self, words: &[&str]) -> String {
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_driftwarden")));
        let done = command.args(words).current_dir(self.path()).output();
        let done = done.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(done.stdout), text(done.stderr));
        assert!(done.status.success(), "{out}{err}");
        out
    }

    /// Status, stdout and stderr; a secret in neither.
    pub fn run(&self, words: &[&str], fault: &str) -> (i32, String, String) {
        let done = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_driftwarden")))
            .arg("provider")
            .args(words)
            .args(["--lock", "lock.hcl", "--from", "mirror"])
            .args(["--env", "FAULT", "--env", "PROTO*"])
            .current_dir(self.path())
            .env("FAULT", fault)
            .env("PROTOCOL", "6")
            .env("TMPDIR", self.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(done.stdout), text(done.stderr));
        assert_no_secret(&format!("{out}{err}"));
        assert_none_left(self.path());
        (done.status.code().unwrap(), out, err)
    }
}
