//! Logs and assessments to test with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::adapters::store::{EvidenceLog, Folder};
use driftwarden::evidence::path;
use driftwarden::evidence::people::Pseudonymiser;
use driftwarden::evidence::record::{Encoded, Program, ScanFacts, ScanRecord, ScopeRecord};
use driftwarden::evidence::source::{Found, Source, SourceError};
use driftwarden::evidence::statement::{self, Previous, Subject};
use driftwarden::evidence::verify::{Trust, Verification, verify};
use driftwarden::model::*;
use jiff::Timestamp;
use tempfile::TempDir;

pub const ORIGIN: &str = "driftwarden.example.org/evidence/2026";

pub fn now() -> Timestamp {
    "2026-11-02T09:00:00Z".parse().unwrap()
}

pub fn later(minutes: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_mins(minutes)
}

/// A folder for a log and one for its keys.
pub struct Place {
    dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn log(&self) -> PathBuf {
        self.root().join("evidence")
    }

    pub fn keys(&self) -> PathBuf {
        self.root().join("keys")
    }

    pub fn open(&self) -> EvidenceLog {
        EvidenceLog::open(&self.log(), &self.keys(), ORIGIN).unwrap()
    }

    pub fn verify(&self) -> Verification {
        verify(&Folder::new(&self.log()), &Trust::default())
    }
}

pub fn assert_whole(verification: &Verification) {
    assert!(verification.is_whole(), "{:#?}", verification.failures);
}

/// The smallest entry that the log takes.
pub fn tiny(number: u64) -> Vec<u8> {
    let predicate = BTreeMap::from([("number", number)]);
    statement::encode("https://example.org/number/v1", &[], &predicate).unwrap()
}

pub fn with_blob(number: u64, digest: Sha256Digest) -> Vec<u8> {
    let predicate = BTreeMap::from([("number", number)]);
    let subject = [Subject::blob(digest)];
    statement::encode("https://example.org/number/v1", &subject, &predicate).unwrap()
}

pub fn append(log: &mut EvidenceLog, records: Vec<Encoded>) {
    let mut entries = Vec::new();
    for record in records {
        for blob in record.blobs {
            log.put_blob(&blob).unwrap();
        }
        entries.push(record.entry);
    }
    log.append(entries, now()).unwrap();
}

pub fn people() -> Pseudonymiser {
    Pseudonymiser::new(&[5; 32], &IdentityMap::default())
}

pub fn facts(previous: Previous) -> ScanFacts {
    ScanFacts {
        started_at: now(),
        finished_at: later(1),
        previous,
        program: Program {
            name: "driftwarden".to_owned(),
            version: "0.1.0".to_owned(),
        },
        scope: ScopeRecord::default(),
        rule_set_sha256: Sha256Digest::of(b"rules"),
        totals: ScanTotals::default(),
        inputs: Vec::new(),
    }
}

pub fn manifest(log: &EvidenceLog, assessment: &Assessment) -> Encoded {
    let record = ScanRecord::new(facts(log.previous()), assessment, &people());
    record.encode().unwrap()
}

/// A deviation of a security group in the workspace `payments`.
pub fn judged(address: &str, attribute: &str, live: Value) -> Judged {
    Judged {
        deviation: Deviation {
            kind: DeviationKind::Changed,
            workspace: Some(WorkspaceName::from("payments")),
            address: Some(Address::from(address)),
            type_name: TypeName::from("aws_security_group"),
            provider_id: Some(ProviderId::from("sg-0abc")),
            account: Some(AccountId::from("111122223333")),
            region: Some(Region::from("eu-west-1")),
            attribute: Some(AttributePath::from(attribute)),
            approved: Value::List(Vec::new()),
            live,
            fidelity: Fidelity::Mapped,
            observed_at: Some(now()),
            tags: BTreeMap::new(),
            subjects: Vec::new(),
            source: None,
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes: Vec::new(),
        },
        judgement: Judgement {
            verdict: Verdict::Unauthorised,
            reasons: vec![format!("no change record covers {attribute}")],
            change: None,
        },
        attribution: None,
        ruling: Ruling {
            severity: Severity::Critical,
            action: Action::Alert,
            rule: Some(RuleId::from("sg-open-to-world")),
            duties: Duties::default(),
            notes: Vec::new(),
        },
    }
}

pub fn assessment(deviations: Vec<Judged>, gaps: Vec<Gap>) -> Assessment {
    Assessment {
        baselines: vec![WorkspaceStatus {
            workspace: WorkspaceName::from("payments"),
            plan_sha256: Some(Sha256Digest::of(b"plan")),
            change: None,
            approval: ApprovalStatus::Assumed,
            reasons: Vec::new(),
            ignore_changes: IgnoreChanges::Known,
        }],
        coverage: Coverage::default(),
        deviations,
        gaps,
        set_aside: Vec::new(),
        accepted: BTreeMap::new(),
        fixes: BTreeMap::new(),
    }
}

/// An evidence folder in memory, so that thousands of tampered ones cost little.
#[derive(Clone, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Memory {
    pub fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        Folder::new(folder)
            .walk(&mut |found| match found {
                Found::File(path) => {
                    files.insert(path.to_owned(), fs::read(folder.join(path)).unwrap());
                }
                other => panic!("{other:?}"),
            })
            .unwrap();
        Self(files)
    }

    pub fn verify(&self) -> Verification {
        verify(self, &Trust::default())
    }
}

impl Source for Memory {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() as u64 > limit => Err(SourceError::too_large(path, limit)),
            found => Ok(found.cloned()),
        }
    }

    fn digest(&self, path: &str) -> Result<Option<Sha256Digest>, SourceError> {
        Ok(self.0.get(path).map(|bytes| Sha256Digest::of(bytes)))
    }

    fn walk(&self, visit: &mut dyn FnMut(Found<'_>)) -> Result<(), SourceError> {
        self.0.keys().for_each(|path| visit(Found::File(path)));
        Ok(())
    }
}

/// Every path of the log's own files, the fixed ones by name.
pub fn is_fixed(path: &str) -> bool {
    path == path::CHECKPOINT || path == path::VERIFIER_KEY
}
