//! A provider with a fault, and what it is given.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use driftwarden::adapters::provider::{
    Launch, Limits, ProviderSession, Supply, VerifiedProvider, platform,
};
use driftwarden::ports::{Held, Planned, Proposal, ResourceProvider};
use driftwarden::provider::checksum::{self, Files};
use driftwarden::provider::cty::Value;
use driftwarden::provider::json::{self, Objects};
use driftwarden::provider::lock::{Locked, ProviderName};
use sha2::{Digest, Sha256};

pub const THING: &str = "fault_thing";
/// What must not be seen in any message.
pub const SECRETS: [&str; 2] = ["tok-0123456789", "hunter2hunter2"];

pub struct Bench {
    pub dir: tempfile::TempDir,
    pub session: ProviderSession,
}

const NAME: &str = "registry.example.com/test/fault";

pub fn name() -> ProviderName {
    ProviderName::parse(NAME).unwrap()
}

/// The provider as a mirror holds it, and the lock of a plan that was made with it.
pub fn mirror(below: &Path) -> (Supply, Locked) {
    let folder = package_folder(below);
    fs::create_dir_all(&folder).unwrap();
    let built = env!("CARGO_BIN_EXE_faultprovider");
    let binary = folder.join("terraform-provider-fault_v1.0.0");
    if fs::hard_link(built, &binary).is_err() {
        fs::copy(built, &binary).unwrap();
    }
    fs::write(folder.join("LICENSE.txt"), "none").unwrap();
    let supply = Supply {
        folders: vec![below.to_owned()],
        unpack_dir: std::env::temp_dir(),
    };
    (supply, locked(&folder))
}

pub fn package_folder(mirror: &Path) -> PathBuf {
    mirror.join(NAME).join("1.0.0").join(platform())
}

/// What `terraform providers lock` would write for the folder.
pub fn locked(folder: &Path) -> Locked {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let digest = Sha256::digest(fs::read(entry.path()).unwrap());
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, digest.into());
    }
    Locked {
        version: "1.0.0".to_owned(),
        hashes: vec![checksum::h1(&files).unwrap()],
    }
}

/// Checked once: hashing takes longer than most tests.
fn provider() -> VerifiedProvider {
    static FOUND: OnceLock<(tempfile::TempDir, VerifiedProvider)> = OnceLock::new();
    let (_, found) = FOUND.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let (supply, locked) = mirror(dir.path());
        let found = supply.find(&name(), &locked).unwrap();
        (dir, found)
    });
    found.clone()
}

pub fn launch(fault: &str, protocol: &str, runtime_dir: &Path) -> Launch {
    let variable = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    Launch {
        provider: provider(),
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
