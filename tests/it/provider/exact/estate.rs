//! An estate of two applications of a type that no reviewed table knows, and their provider.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use driftwarden::adapters::store::EvidenceReader;
use driftwarden::evidence::record::{FindingEvent, FindingRecord, Record, ScanRecord};
use serde_json::{Value as Json, json};

use super::super::fixing::estate::Running;
use super::super::support::{SECRETS, assert_no_secret, assert_none_left, mirror};
use super::super::workspace::lock_text;

const TYPE: &str = "aws_appconfig_application";

pub struct Estate {
    dir: tempfile::TempDir,
}

/// As it was approved and applied.
pub fn app(name: &str) -> Json {
    json!({"id": name, "arn": format!("arn:aws:appconfig:eu-west-1:111122223333:application/{name}"),
        "name": name, "description": "feature flags", "secret": SECRETS[1], "notes": null, "seen": 0})
}

fn plan(store: &Path) -> Json {
    let change = |name: &str| {
        json!({"address": format!("{TYPE}.{name}"), "mode": "managed", "type": TYPE, "name": name,
            "provider_name": "registry.example.com/test/fault",
            "change": {"actions": ["no-op"], "before": app(name), "after": app(name),
                "after_unknown": {}, "before_sensitive": {"secret": true},
                "after_sensitive": {"secret": true}}})
    };
    let written = |name: &str| {
        json!({"address": format!("{TYPE}.{name}"), "mode": "managed", "type": TYPE, "name": name,
            "provider_config_key": "fault", "expressions": {"name": {"constant_value": name},
                "description": {"constant_value": "feature flags"},
                "secret": {"references": ["var.secret"]}}})
    };
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-01T09:00:00Z",
        "complete": true, "errored": false, "planned_values": {"root_module": {}},
        "variables": {"token": {"value": SECRETS[0]}},
        "resource_changes": [change("front"), change("back")],
        "configuration": {
            "provider_config": {"fault": {
                "name": "fault", "full_name": "registry.example.com/test/fault",
                "expressions": {"store": {"constant_value": store},
                                "token": {"references": ["var.token"]}}}},
            "root_module": {"resources": [written("front"), written("back")]},
        },
    })
}

impl Estate {
    /// `more` is of the block `providers`.
    pub fn new(more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let estate = Self { dir };
        let (_, locked) = mirror(&estate.path().join("mirror"));
        estate.put("lock.hcl", &lock_text(&locked));
        let store = estate.path().join("store");
        fs::create_dir_all(&store).unwrap();
        estate.put("plan.json", &plan(&store).to_string());
        let instance = |name: &str| {
            json!({"mode": "managed", "type": TYPE, "name": name,
                "provider": "provider[\"registry.example.com/test/fault\"]",
                "instances": [{"schema_version": 1, "attributes": app(name)}]})
        };
        let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l",
            "outputs": {}, "resources": [instance("front"), instance("back")]});
        estate.put("state.json", &state.to_string());
        let source =
            ["front", "back"].map(|name| format!("resource \"{TYPE}\" \"{name}\" {{\n}}\n"));
        estate.put("source/main.tf", &source.concat());
        estate.put(
            "driftwarden.hcl",
            &format!(
                "evidence {{ dir = \"evidence\" }}\nbaseline \"shop\" {{\n  plan = \"plan.json\"\n  \
                 state = \"state.json\"\n  source = \"source\"\n  approval = \"assumed\"\n}}\n\
                 live \"aws_config_snapshot\" \"prod\" {{ files = [\"live/*.json\"] }}\n\
                 providers \"shop\" {{\n  lock = \"lock.hcl\"\n  from = [\"mirror\"]\n  \
                 env = [\"FAULT\", \"PROTOCOL\"]\n  {more}\n}}\n\
                 run {{\n  every = \"1s\"\n  debounce = \"1s\"\n}}\n"
            ),
        );
        for name in ["front", "back"] {
            estate.store(name, &app(name));
        }
        estate.record("feature flags");
        estate
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn put(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// How an application is now.
    pub fn store(&self, name: &str, value: &Json) {
        self.put(&format!("store/{name}.json"), &value.to_string());
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(format!("store/{name}.json"))).unwrap();
    }

    /// AWS Config's items: `back` as it was approved, and `front` with this description.
    pub fn record(&self, description: &str) {
        let item = |name: &str, description: &str| {
            json!({"configurationItemVersion": "1.3",
                "configurationItemCaptureTime": jiff::Timestamp::now(),
                "configurationItemStatus": "OK", "resourceType": "AWS::AppConfig::Application",
                "resourceId": name, "resourceName": name, "ARN": app(name)["arn"],
                "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "tags": {},
                "configuration": {"Id": name, "Name": name, "Description": description},
                "supplementaryConfiguration": {}})
        };
        let items = json!({"fileVersion": "1.0", "configSnapshotId": "5d3f", "configurationItems":
            [item("front", description), item("back", "feature flags")]});
        self.put("live/snapshot.json", &items.to_string());
    }

    pub fn command(&self, words: &[&str], fault: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        command
            .args(words)
            .current_dir(self.path())
            .env("FAULT", fault)
            .env("PROTOCOL", "6")
            .env("TMPDIR", self.path());
        command
    }

    /// Status, stdout and stderr; never a secret, and no provider is left behind.
    pub fn run(&self, words: &[&str], fault: &str) -> (i32, String, String) {
        let done = self.command(words, fault).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(done.stdout), text(done.stderr));
        assert_no_secret(&format!("{out}{err}"));
        assert_none_left(self.path());
        (done.status.code().unwrap(), out, err)
    }

    pub fn settle(&self) {
        let words = [
            "provider", "settle", "--lock", "lock.hcl", "--from", "mirror", "--env", "PROTOCOL",
        ];
        let (status, out, err) = self.run(&words, "");
        assert_eq!(status, 0, "{out}{err}");
    }

    /// The status and the report of a scan.
    pub fn scan(&self, more: &[&str], fault: &str) -> (i32, Json) {
        let words = [&["scan", "--format", "json"], more].concat();
        let (status, out, err) = self.run(&words, fault);
        assert_ne!(status, 1, "{err}");
        (status, serde_json::from_str(&out).unwrap())
    }

    /// `driftwarden run`, told to end when it is ended.
    pub fn service(&self) -> Running {
        let log = fs::File::create(self.path().join("run.log")).unwrap();
        let mut command = self.command(&["run"], "");
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Running::new(child)
    }

    /// Nothing of a log that just begins.
    pub fn records(&self) -> Vec<Record> {
        let Ok(reader) = EvidenceReader::open(&self.path().join("evidence")) else {
            return Vec::new();
        };
        let all = reader.entries().map(|entry| {
            let entry = entry.unwrap();
            Record::read(entry.index, &entry.bytes).unwrap()
        });
        all.collect()
    }

    pub fn last_scan(&self) -> ScanRecord {
        let all = self.records().into_iter().rev();
        let mut scans = all.filter_map(|record| match record {
            Record::Scan(own) => Some(*own),
            _ => None,
        });
        scans.next().unwrap()
    }

    pub fn scans(&self) -> usize {
        let all = self.records().into_iter();
        all.filter(|record| matches!(record, Record::Scan(_)))
            .count()
    }

    /// Every event of findings: what, where and how exactly.
    pub fn events(&self) -> Vec<String> {
        let all = self.records().into_iter();
        all.filter_map(|record| match record {
            Record::Finding(own) => Some(event(&own)),
            _ => None,
        })
        .collect()
    }
}

fn event(own: &FindingRecord) -> String {
    let event = match own.event {
        FindingEvent::Opened => "opened",
        FindingEvent::Changed => "changed",
        FindingEvent::Resolved => "resolved",
    };
    let attribute = own.attribute.as_ref().map_or("", |at| at.as_str());
    format!(
        "{event} {} {attribute} {}",
        own.kind.as_str(),
        own.fidelity.as_str()
    )
}
