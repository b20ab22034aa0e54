//! What it costs us to look at a resource through a provider: upgrade, read, plan, judge.
//!
//! `cargo bench --features faults --bench providers -- [RESOURCES]`. The provider is the one of
//! tests/e2e/faultprovider, which answers at once; only our own processor time counts, of all our
//! threads, as the system tells it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench ends on the first surprise, prints, and writes files"
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use driftwarden::adapters::provider::{Launch, Limits, ProviderSession, Supply, platform};
use driftwarden::engine::exact::{Exact, Settling, Subject, look, settle};
use driftwarden::evidence::people::Pseudonymiser;
use driftwarden::model::IdentityMap;
use driftwarden::ports::ResourceProvider;
use driftwarden::provider::checksum::{self, Files};
use driftwarden::provider::cty::Value;
use driftwarden::provider::exact::{Kept, PlannedResource, SecretDigest, StateInstance};
use driftwarden::provider::lock::{Locked, ProviderName};
use sha2::{Digest, Sha256};

/// The goal, in microseconds a resource.
const GOAL: u128 = 500;

/// The one of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let count = std::env::args().filter_map(|word| word.parse().ok()).next();
    let count: usize = count.unwrap_or(1000);
    let dir = tempfile::tempdir().unwrap();
    let mut session = session(dir.path());
    let config = Value::object([
        ("store", Value::string(dir.path().to_str().unwrap())),
        ("token", Value::Null),
    ]);
    session.configure(&config).unwrap();
    let rules: Vec<String> = (0..8)
        .map(|at| format!(r#"{{"port":{at},"cidr":"10.{at}.0.0/16","rule_id":"r-{at}"}}"#))
        .collect();
    let text = format!(
        r#"{{"id":"t-1","name":"front","size":1,"zone":"a","seen":0,"secret":"hunter2hunter2",
            "tags":{{"Application":"payments","Environment":"production"}},"rule":[{}]}}"#,
        rules.join(",")
    );
    fs::write(dir.path().join("t-1.json"), &text).unwrap();
    let planned = PlannedResource {
        type_name: "fault_thing".to_owned(),
        provider_name: NAME.to_owned(),
        is_create: true,
        after: text.as_str().into(),
        after_unknown: r#"{"id":true,"size":true,"zone":true,"seen":true}"#.into(),
        after_sensitive: "{}".into(),
    };
    let state = StateInstance {
        type_name: "fault_thing".to_owned(),
        schema_version: 1,
        attributes: text.as_str().into(),
        private: Vec::new(),
        sensitive: Vec::new(),
    };
    let none = BTreeSet::new();
    let subject = Subject {
        planned: &planned,
        expressions: r#"{"name":{"constant_value":"front"},"secret":{"references":["var.s"]},
            "tags":{"references":["local.tags"]}}"#,
        state: &state,
        dynamic: Some(&none),
        ignored: None,
    };
    let digest = SecretDigest::new(&[1; 32]);
    let people = Pseudonymiser::new(&[2; 32], &IdentityMap::default());
    let settled = settle(&mut session, &subject, &digest, &people);
    let Settling::Settled { resource, .. } = settled else {
        println!("the resource cannot be settled");
        std::process::exit(1);
    };
    let (values, secrets) = resource.kept();
    let kept = Kept {
        type_name: "fault_thing".to_owned(),
        at: String::new(),
        plan_sha256: String::new(),
        provider: String::new(),
        schema_version: 1,
        masks: BTreeSet::new(),
        values,
        secrets,
    };
    let before = processor_ns();
    for _ in 0..count {
        let seen = look(&mut session, &subject, Some(&kept), &digest);
        assert!(
            matches!(&seen, Exact::Seen(seen) if seen.judged.differences.is_empty()),
            "{seen:?}"
        );
    }
    let each = u128::from(processor_ns() - before) / count as u128 / 1000;
    println!("{count} resources: {each} us of our processor time each; the goal is {GOAL}");
    if each > GOAL {
        std::process::exit(1);
    }
}

const NAME: &str = "registry.example.com/test/fault";

fn session(dir: &Path) -> ProviderSession {
    let built = Path::new(env!("CARGO_BIN_EXE_faultprovider"));
    let folder = dir.join(NAME).join("1.0.0").join(platform());
    fs::create_dir_all(&folder).unwrap();
    fs::copy(built, folder.join("terraform-provider-fault_v1.0.0")).unwrap();
    let digest = Sha256::digest(fs::read(built).unwrap());
    let files = Files::from([("terraform-provider-fault_v1.0.0".to_owned(), digest.into())]);
    let locked = Locked {
        version: "1.0.0".to_owned(),
        hashes: vec![checksum::h1(&files).unwrap()],
    };
    let supply = Supply {
        folders: vec![dir.to_owned()],
        unpack_dir: dir.to_owned(),
    };
    let launch = Launch {
        provider: supply
            .find(&ProviderName::parse(NAME).unwrap(), &locked)
            .unwrap(),
        environment: vec![(OsString::from("PROTOCOL"), OsString::from("5"))],
        work_dir: None,
        runtime_dir: dir.to_owned(),
        launcher: None,
        terraform_version: "1.11.4".to_owned(),
    };
    ProviderSession::new(launch, Limits::default()).unwrap()
}

/// Of all our threads.
fn processor_ns() -> u64 {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let each = threads.map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        text.split(' ')
            .next()
            .and_then(|ns| ns.parse().ok())
            .unwrap_or(0_u64)
    });
    each.sum()
}
