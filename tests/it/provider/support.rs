//! A provider with a fault, and what it is given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use driftwarden::adapters::provider::{Launch, Limits, ProviderSession};
use driftwarden::ports::{Held, Planned, Proposal, ResourceProvider};
use driftwarden::provider::cty::Value;
use driftwarden::provider::json::{self, Objects};

pub const THING: &str = "fault_thing";
/// What must not be seen in any message.
pub const SECRETS: [&str; 2] = ["tok-0123456789", "hunter2hunter2"];

pub struct Bench {
    pub dir: tempfile::TempDir,
    pub session: ProviderSession,
}

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_faultprovider"))
}

pub fn launch(fault: &str, protocol: &str, runtime_dir: &Path) -> Launch {
    let variable = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    Launch {
        binary: binary(),
        environment: vec![variable("FAULT", fault), variable("PROTOCOL", protocol)],
        work_dir: None,
        runtime_dir: runtime_dir.to_owned(),
        launcher: Some(PathBuf::from(env!("CARGO_BIN_EXE_driftwarden"))),
        terraform_version: "1.11.4".to_owned(),
    }
}

/// Short, so that what never comes is not waited for long.
pub fn limits() -> Limits {
    Limits {
        start: Duration::from_secs(20),
        schema: Duration::from_secs(20),
        configure: Duration::from_secs(20),
        read: Duration::from_secs(20),
        apply: Duration::from_secs(20),
        stop: Duration::from_secs(2),
        restarts_per_hour: 3,
    }
}

pub fn bench_with(fault: &str, protocol: &str, limits: Limits) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let launch = launch(fault, protocol, dir.path());
    let session = ProviderSession::new(launch, limits).unwrap();
    Bench { dir, session }
}

/// A provider that is configured.
pub fn bench(fault: &str, protocol: &str) -> Bench {
    let mut bench = bench_with(fault, protocol, limits());
    let config = bench.config();
    bench.session.configure(&config).unwrap();
    bench
}

impl Bench {
    pub fn config(&self) -> Value {
        Value::object([
            ("store", Value::string(self.dir.path().to_str().unwrap())),
            ("token", Value::string(SECRETS[0])),
        ])
    }

    /// A thing's value, of which only some is given.
    pub fn thing(&mut self, text: &str) -> Value {
        let schema = self.session.schema(THING).unwrap();
        let value = json::read(text, &schema.value_type, Objects::Lenient).unwrap();
        match value {
            // No blocks are an empty set, not null.
            Value::Object(mut all) if all.get("rule") == Some(&Value::Null) => {
                all.insert("rule".into(), Value::set(Vec::new()));
                Value::Object(all)
            }
            other => other,
        }
    }

    pub fn create(&mut self, text: &str) -> Held {
        let config = self.thing(text);
        let planned = self.plan(&Value::Null, &config, &config);
        let applied = self
            .session
            .apply(THING, &Value::Null, &config, &planned)
            .unwrap();
        assert_eq!(applied.diagnostics, []);
        applied.held
    }

    pub fn plan(&mut self, prior: &Value, proposed: &Value, config: &Value) -> Planned {
        let proposal = Proposal {
            prior,
            proposed,
            config,
            private: b"",
        };
        self.session.plan(THING, proposal).unwrap()
    }

    /// As somebody would change it behind the provider's back.
    pub fn store(&self, id: &str, text: &str) {
        std::fs::write(self.dir.path().join(format!("{id}.json")), text).unwrap();
    }
}

pub fn assert_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The provider processes whose private folder lies here.
pub fn providers_of(dir: &Path) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment).into_owned();
        let needle = format!("PLUGIN_UNIX_SOCKET_DIR={}", dir.display());
        if environment.contains(&needle) {
            found.push(pid);
        }
    }
    found
}

pub fn assert_none_left(dir: &Path) {
    assert_eq!(providers_of(dir), Vec::<i32>::new());
}
