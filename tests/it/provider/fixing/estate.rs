//! An estate of one public access block, whose provider fails on request.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use driftwarden::adapters::store::EvidenceReader;
use driftwarden::cli::wire;
use driftwarden::evidence::record::{FixEvent, Record};
use serde_json::{Value as Json, json};

use super::super::support::{assert_no_secret, assert_none_left, mirror, package_folder};
use super::super::workspace::lock_text;
use super::inputs::{BUCKET, TYPE, block, config, plan};

pub struct Estate {
    dir: tempfile::TempDir,
}

impl Estate {
    /// `more` is of the block `remediation`.
    pub fn new(more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let estate = Self { dir };
        let (_, locked) = mirror(&estate.path().join("mirror"));
        estate.put("lock.hcl", &lock_text(&locked));
        let store = estate.path().join("store");
        fs::create_dir_all(&store).unwrap();
        estate.put("plan.json", &plan(&store).to_string());
        estate.point_state_at(BUCKET);
        estate.put(
            "source/main.tf",
            "resource \"aws_s3_bucket_public_access_block\" \"ledger\" {\n}\n",
        );
        estate.put(
            "rules/own.hcl",
            "rule \"pab\" {\n  severity = \"high\"\n  action = \"remediate\"\n}\n",
        );
        estate.put("people.json", r#"{"people": []}"#);
        estate.put("driftwarden.hcl", &config(more));
        estate.store(&block());
        estate.record();
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

    fn replace(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join("driftwarden.hcl")).unwrap();
        assert!(text.contains(from), "{text}");
        self.put("driftwarden.hcl", &text.replace(from, to));
    }

    pub fn dry_run(&self) {
        self.replace("mode = \"enforce\"", "mode = \"dry_run\"");
    }

    pub fn hand_over(&self) {
        self.replace("identity", "handover { dir = \"handover\" }\nidentity");
    }

    pub fn point_state_at(&self, bucket: &str) {
        let mut attributes = block();
        attributes["id"] = json!(bucket);
        attributes["bucket"] = json!(bucket);
        let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l",
            "outputs": {}, "resources": [{"mode": "managed", "type": TYPE, "name": "ledger",
                "provider": "provider[\"registry.example.com/test/fault\"]",
                "instances": [{"schema_version": 1, "attributes": attributes}]}]});
        self.put("state.json", &state.to_string());
        if bucket != BUCKET {
            self.put(&format!("store/{bucket}.json"), &attributes.to_string());
        }
    }

    /// Somebody puts another program in the provider's place.
    pub fn tamper(&self) {
        let folder = package_folder(&self.path().join("mirror"));
        let binary = folder.join("terraform-provider-fault_v1.0.0");
        fs::remove_file(&binary).unwrap();
        fs::write(&binary, "#!/bin/sh\ntouch ran\n").unwrap();
    }

    fn file(&self) -> PathBuf {
        self.path().join(format!("store/{BUCKET}.json"))
    }

    pub fn store(&self, value: &Json) {
        fs::write(self.file(), value.to_string()).unwrap();
    }

    pub fn stored(&self) -> Json {
        let mut own: Json = serde_json::from_slice(&fs::read(self.file()).unwrap()).unwrap();
        // What only the provider sets is nobody's wish.
        own["seen"] = Json::Null;
        own
    }

    /// Somebody changes an attribute by hand, and the recorder takes it down.
    pub fn drift(&self, attribute: &str, value: Json) {
        let mut own = self.stored();
        own[attribute] = value;
        self.store(&own);
        self.record();
    }

    pub fn remove(&self) {
        fs::remove_file(self.file()).unwrap();
        self.record();
    }

    /// AWS Config's item of the bucket as it is now.
    pub fn record(&self) {
        let own = self.file().exists().then(|| self.stored());
        let part = own.map(|own| {
            json!({"blockPublicAcls": own["block_public_acls"],
                "blockPublicPolicy": own["block_public_policy"],
                "ignorePublicAcls": own["ignore_public_acls"],
                "restrictPublicBuckets": own["restrict_public_buckets"]})
        });
        let items = json!({"fileVersion": "1.0", "configSnapshotId": "5d3f", "configurationItems": [{
            "configurationItemVersion": "1.3", "configurationItemCaptureTime": jiff::Timestamp::now(),
            "configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": BUCKET,
            "resourceName": BUCKET, "ARN": format!("arn:aws:s3:::{BUCKET}"),
            "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "tags": {},
            "configuration": {"name": BUCKET},
            "supplementaryConfiguration": match part {
                Some(part) => json!({"PublicAccessBlockConfiguration": part}),
                None => json!({}),
            },
        }]});
        self.put("live/snapshot.json", &items.to_string());
    }

    pub fn command(&self, words: &[&str], fault: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        command
            .args(words)
            .current_dir(self.path())
            .env("FAULT", fault)
            .env("PROTOCOL", "6")
            .env("THEIR_SECRET", super::SECRETS[1])
            .env("TMPDIR", self.path());
        command
    }

    /// What a command prints; never a secret, and no provider is left behind.
    pub fn run(&self, words: &[&str], fault: &str) -> String {
        let done = self.command(words, fault).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let said = format!("{}{}", text(done.stdout), text(done.stderr));
        assert_no_secret(&said);
        assert_none_left(self.path());
        assert_ne!(done.status.code(), Some(1), "{said}");
        said
    }

    pub fn scan(&self, fault: &str) -> String {
        self.run(&["scan"], fault)
    }

    /// What a command says that cannot do what it is told to.
    pub fn refused(&self, words: &[&str]) -> String {
        let done = self.command(words, "").output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{said}");
        said
    }

    /// A scan that is killed while the provider applies its first fix.
    pub fn killed_in_scan(&self, fault: &str) {
        self.killed(fault);
        assert_eq!(self.steps(), ["permitted", "intended"]);
    }

    pub fn killed(&self, fault: &str) {
        let mut child = self
            .command(&["scan"], fault)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while !self.path().join("store/.hangs").exists() {
            assert!(Instant::now() < end, "it never came to the apply");
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while !super::super::support::providers_of(self.path()).is_empty() {
            assert!(Instant::now() < end, "the provider outlives it");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Beside a running engine, which may have a provider of its own.
    pub fn run_quietly(&self, words: &[&str]) -> String {
        let done = self.command(words, "").output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        format!("{}{}", text(done.stdout), text(done.stderr))
    }

    /// Of a log that may just begin.
    pub fn last_step(&self) -> Option<String> {
        let reader = EvidenceReader::open(&self.path().join("evidence")).ok()?;
        steps(&reader).pop()
    }

    /// `driftwarden run`, told to end when it is ended.
    pub fn service(&self, fault: &str) -> Running {
        let log = fs::File::create(self.path().join("run.log")).unwrap();
        let child = self
            .command(&["run"], fault)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Running { child }
    }

    fn shown(&self) -> Json {
        let text = self.run(&["fixes", "--format", "json"], "");
        serde_json::from_str(&text).unwrap()
    }

    pub fn fixes(&self) -> Vec<Json> {
        self.shown()["fixes"].as_array().unwrap().clone()
    }

    pub fn last(&self) -> Json {
        self.fixes().pop().unwrap()
    }

    pub fn detail(&self) -> String {
        let detail = self.last()["outcome"]["detail"].clone();
        detail.as_str().unwrap().to_owned()
    }

    pub fn steps(&self) -> Vec<String> {
        steps(&EvidenceReader::open(&self.path().join("evidence")).unwrap())
    }

    /// Every file that was written, as text.
    pub fn everything(&self) -> String {
        let mut all = String::new();
        for folder in ["evidence", "handover"] {
            for file in self.files(folder) {
                all.push_str(&String::from_utf8_lossy(&fs::read(file).unwrap()));
            }
        }
        all
    }

    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found
    }

    pub fn assert_whole(&self) {
        let done = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"))
            .arg(self.path().join("evidence"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{said}");
        wire::ledger(&self.path().join("evidence")).unwrap();
    }
}

fn steps(reader: &EvidenceReader) -> Vec<String> {
    let records = reader.entries().map(|entry| {
        let entry = entry.unwrap();
        Record::read(entry.index, &entry.bytes).unwrap()
    });
    let steps = records.filter_map(|record| match record {
        Record::Fix(own) => Some(match own.event {
            FixEvent::Decided { decision } => decision.word().as_str().to_owned(),
            event => event.as_str().to_owned(),
        }),
        _ => None,
    });
    steps.collect()
}

pub struct Running {
    child: Child,
}

impl Running {
    pub fn new(child: Child) -> Self {
        Self { child }
    }

    pub fn end(mut self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
