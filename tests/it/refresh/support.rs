//! A workspace of three resources, and a script that answers for Terraform.

use std::os::unix::fs::symlink;
use std::process::{Command, Output};
use std::{fs, str};

use serde_json::{Value, json};

use crate::scan::{Place, result};

pub const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:t";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/refresh/terraform.sh");

fn change(actions: &str, (kind, name, before): &Resource, after: &Value) -> Value {
    json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "change": {"actions": [actions], "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {}}})
}

/// Type, name and values.
pub type Resource = (&'static str, &'static str, Value);

pub struct Workspace {
    pub place: Place,
}

/// Type, name and values of each resource.
fn resources() -> [(&'static str, &'static str, Value); 3] {
    [
        (
            "aws_sns_topic",
            "t",
            json!({"id": TOPIC, "arn": TOPIC, "name": "t", "display_name": "approved"}),
        ),
        (
            "local_file",
            "a",
            json!({"id": "1", "content": "approved", "mode": null}),
        ),
        (
            "test_login",
            "s",
            json!({"id": "s", "password": "hunter2hunter2", "token": null, "size": 3}),
        ),
    ]
}

fn marks(type_name: &str) -> Value {
    match type_name {
        "test_login" => json!({"password": true, "token": true}),
        _ => json!({}),
    }
}

impl Workspace {
    /// Of these resources (type, name, values) as they were approved and as they are now.
    pub fn of(approved: &[Resource], now: &[Resource]) -> Self {
        let own = Self::new("");
        let changes = approved.iter().map(|one| change("no-op", one, &one.2));
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4",
            "timestamp": "2026-10-01T08:00:00Z", "complete": true, "errored": false,
            "planned_values": {}, "resource_changes": changes.collect::<Vec<_>>()});
        own.place.write("plan.json", plan.to_string());
        let state = approved.iter().map(|(kind, name, values)| {
            json!({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}]})
        });
        let state = state.collect::<Vec<_>>();
        let state = json!({"version": 4, "serial": 7, "lineage": "ab", "resources": state});
        own.place.write("state.json", state.to_string());
        own.are_now(approved, now);
        own
    }

    /// What a refresh tells from now on.
    pub fn are_now(&self, approved: &[Resource], now: &[Resource]) {
        let pairs = approved.iter().zip(now);
        let drift: Vec<Value> = pairs
            .filter(|(before, now)| before.2 != now.2)
            .map(|(before, now)| change("update", before, &now.2))
            .collect();
        let there = now.iter().map(|(kind, name, values)| {
            json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "values": values, "sensitive_values": {}})
        });
        let there = there.collect::<Vec<_>>();
        let shown = json!({"format_version": "1.2", "planned_values": {"root_module": {}},
            "resource_drift": drift, "prior_state": {"values": {"root_module": {"resources": there}}},
            "configuration": {"root_module": {"resources": []}}, "errored": false, "complete": true});
        self.place.write("root/shown", shown.to_string());
    }

    pub fn new(more: &str) -> Self {
        let place = Place::empty();
        let own = Self { place };
        let changes = resources().map(|(kind, name, values)| {
            json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "change": {"actions": ["no-op"], "before": values, "after": values,
                    "after_unknown": {}, "before_sensitive": marks(kind), "after_sensitive": marks(kind)}})
        });
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4",
            "timestamp": "2026-10-01T08:00:00Z", "complete": true, "errored": false,
            "planned_values": {}, "resource_changes": changes});
        own.place.write("plan.json", plan.to_string());
        own.state(7);
        // Not written here: a file that some thread still writes to cannot be run.
        fs::create_dir(own.place.path("root")).unwrap();
        symlink(SCRIPT, own.place.path("root/terraform")).unwrap();
        own.pulled("ab", 7);
        own.shown(&Shown::default());
        fs::create_dir(own.place.path("tmp")).unwrap();
        own.place.write(
            "driftwarden.hcl",
            format!(
                "evidence {{ dir = \"evidence\" }}\n\
                 baseline \"files\" {{\n  plan = \"plan.json\"\n  state = \"state.json\"\n  \
                 approval = \"assumed\"\n}}\n\
                 live \"terraform_refresh\" \"refresh\" {{\n  workspace = \"files\"\n  \
                 folder = \"root\"\n  binary = \"root/terraform\"\n  \
                 env = [\"DB_PASSWORD\", \"TF_*\"]\n  timeout = \"2s\"\n}}\n{more}"
            ),
        );
        own
    }

    /// The state that is given for the workspace.
    pub fn state(&self, serial: u64) {
        let resources = resources().map(|(kind, name, values)| {
            json!({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}]})
        });
        let state =
            json!({"version": 4, "serial": serial, "lineage": "ab", "resources": resources});
        self.place.write("state.json", state.to_string());
    }

    /// The state as the folder has it.
    pub fn pulled(&self, lineage: &str, serial: u64) {
        let state = json!({"version": 4, "serial": serial, "lineage": lineage, "resources": []});
        self.place.write("root/pulled", state.to_string());
    }

    pub fn shown(&self, shown: &Shown) {
        self.place.write("root/shown", shown.document().to_string());
    }

    pub fn driftwarden(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        command
            .args(words)
            .current_dir(self.place.dir())
            .env_remove("RUST_BACKTRACE")
            .env("TMPDIR", self.place.path("tmp"))
            .env("DB_PASSWORD", "geheim-geheim")
            .env("TF_VAR_a", "handed-on")
            .env("TF_LOG", "trace")
            .env("TF_CLI_ARGS_plan", "-destroy")
            .env("NOT_NAMED", "x");
        command
    }

    /// Scans. Whatever it says or leaves, no secret is in it.
    pub fn scan(&self, status: i32) -> Value {
        let output = self
            .driftwarden(&["scan", "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", both(&output));
        self.holds_no_secret(&output);
        result(&output)
    }

    pub fn holds_no_secret(&self, output: &Output) {
        let evidence = self.place.evidence().into_iter().map(|(_, bytes)| bytes);
        let said = [output.stdout.clone(), output.stderr.clone()];
        for bytes in evidence.chain(said) {
            let text = String::from_utf8_lossy(&bytes);
            for secret in ["hunter2", "hunter3", "geheim-geheim", "handed-on"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        let left = fs::read_dir(self.place.path("tmp")).unwrap().count();
        assert_eq!(left, 0, "a private folder was left behind");
    }
}

pub fn both(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| str::from_utf8(bytes).unwrap())
        .concat()
}

/// What `show` shows: the approved values, but for these.
#[derive(Default)]
pub struct Shown {
    /// Gone by themselves.
    pub gone: Vec<&'static str>,
    /// Address, attribute, value, and whether the state said so before.
    pub changed: Vec<(&'static str, &'static str, Value, bool)>,
    /// Attributes that the configuration writes, by address.
    pub written: Vec<(&'static str, &'static str)>,
}

impl Shown {
    fn document(&self) -> Value {
        let (mut drift, mut there) = (Vec::new(), Vec::new());
        for (kind, name, approved) in resources() {
            let address = format!("{kind}.{name}");
            let change = |actions: &str, before: &Value, after: Value| {
                json!({"address": address, "mode": "managed", "type": kind, "name": name,
                    "change": {"actions": [actions], "before": before, "after": after,
                        "after_unknown": {}, "before_sensitive": marks(kind),
                        "after_sensitive": marks(kind)}})
            };
            if self.gone.contains(&address.as_str()) {
                drift.push(change("delete", &approved, Value::Null));
                continue;
            }
            let (mut before, mut now) = (approved.clone(), approved);
            for (_, attribute, value, is_known) in self.of(&address) {
                now[*attribute] = value.clone();
                if *is_known {
                    before[*attribute] = value.clone();
                }
            }
            if before != now {
                drift.push(change("update", &before, now.clone()));
            }
            there.push(
                json!({"address": address, "mode": "managed", "type": kind, "name": name,
                "values": now, "sensitive_values": marks(kind)}),
            );
        }
        let written = self.written.iter().map(|(address, attribute)| {
            json!({"address": address, "mode": "managed", "expressions": {*attribute: {}}})
        });
        let written: Vec<Value> = written.collect();
        json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_drift": drift,
            "prior_state": {"values": {"root_module": {"resources": there}}},
            "configuration": {"root_module": {"resources": written}}, "errored": false, "complete": true})
    }

    fn of<'a>(
        &'a self,
        address: &'a str,
    ) -> impl Iterator<Item = &'a (&'static str, &'static str, Value, bool)> {
        self.changed.iter().filter(move |(own, ..)| *own == address)
    }
}

/// Kind, address and attribute of each deviation.
pub fn deviations(scan: &Value) -> Vec<String> {
    let all = scan["deviations"].as_array().unwrap().iter();
    let told = all.map(|own| {
        let word = |name: &str| own[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", word("kind"), word("address"), word("attribute"))
    });
    told.collect()
}

/// Reason, address and attribute of each gap.
pub fn gaps(scan: &Value) -> Vec<String> {
    let all = scan["gaps"].as_array().unwrap().iter();
    let told = all.map(|own| {
        let word = |name: &str| own[name].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}",
            word("reason"),
            word("address"),
            word("attribute")
        )
    });
    told.collect()
}
