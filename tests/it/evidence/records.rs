//! What the records say, and what they must never say.

use driftwarden::evidence::people::Pseudonymiser;
use driftwarden::evidence::record::{
    Document, FindingEvent, FindingRecord, Record, ScanRecord, Sources, change_blob,
};
use driftwarden::evidence::statement::{self, read_head};
use driftwarden::model::*;

use super::support::*;

const NAMES: [&str; 6] = [
    "ana@bank.example",
    "ben@bank.example",
    "cleo@bank.example",
    "deploy-role",
    "maria",
    "dora@bank.example",
];

fn change() -> ChangeRecord {
    let approval = |by: &str, role| Approval {
        by: by.to_owned(),
        role: Some(role),
        decision: Decision::Approved,
        at: now(),
    };
    ChangeRecord {
        number: ChangeNumber::from("CHG0030001"),
        system: "servicenow".to_owned(),
        state: ChangeState::Standing("implement".to_owned()),
        change_type: ChangeType::Normal,
        window: Some(Window {
            start: now(),
            end: later(60),
        }),
        requested_by: Some("ana@bank.example".to_owned()),
        author: None,
        implemented_by: vec!["deploy-role".to_owned()],
        plan_sha256: Some(Sha256Digest::of(b"plan")),
        workspace: Some(WorkspaceName::from("payments")),
        approvals: vec![
            approval("ben@bank.example", ApprovalRole::Technical),
            approval("cleo@bank.example", ApprovalRole::Regulatory),
        ],
        updated_at: None,
        incident: Some("INC1, called in by Ana@bank.example".to_owned()),
        emergency_approver: Some("dora@bank.example".to_owned()),
        origin: "changes/CHG0030001.json".to_owned(),
        digest: Sha256Digest::of(b"change"),
    }
}

fn by_maria() -> Judged {
    let secret = Value::Sensitive(Sha256Digest::of(b"hunter2"));
    let mut judged = judged("aws_db_instance.main", "/password", secret);
    judged.judgement.reasons =
        vec!["ana@bank.example requested CHG0030001, maria is not among deploy-role".to_owned()];
    judged.judgement.change = Some(ChangeNumber::from("CHG0030001"));
    judged.deviation.approved = Value::from("mail to ben@bank.example");
    judged.deviation.notes = vec!["cleo@bank.example, too".to_owned()];
    judged.attribution = Some(Attribution {
        actor: "arn:aws:iam::111122223333:user/maria".to_owned(),
        aliases: vec!["maria".to_owned()],
        person: None,
        at: now(),
        from: Some("203.0.113.9".to_owned()),
        means: Means::Console,
        call: "rds:ModifyDBInstance".to_owned(),
        event_id: "e-1".to_owned(),
        confidence: Confidence::High,
    });
    judged
}

fn knowing() -> Pseudonymiser {
    let mut people = people();
    people.learn_change(&change());
    people.learn_attribution(by_maria().attribution.as_ref().unwrap());
    people
}

fn assert_no_names(bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).unwrap().to_lowercase();
    for name in NAMES {
        assert!(!text.contains(name), "{name} is in {text}");
    }
    assert!(text.contains("person:"));
}

fn finding(judged: &Judged, sources: &Sources) -> FindingRecord {
    let key = judged.deviation.finding_key();
    FindingRecord::new(
        FindingEvent::Opened,
        now(),
        key,
        judged,
        &knowing(),
        sources,
    )
}

#[test]
fn a_finding_holds_neither_people_nor_secrets() {
    let entry = finding(&by_maria(), &Sources::default())
        .encode()
        .unwrap()
        .entry;
    assert_no_names(&entry);
    let text = String::from_utf8(entry).unwrap();
    assert!(!text.contains("hunter2"));
    assert!(!text.contains(&Sha256Digest::of(b"hunter2").to_string()));
    assert!(text.contains(r#""live":{"sensitive":true}"#));
    assert!(text.contains("203.0.113.9"));
}

#[test]
fn a_change_record_holds_no_people_and_names_the_digest_of_its_original() {
    let blob = change_blob(&change(), &knowing()).unwrap();
    assert_no_names(&blob);
    let text = String::from_utf8(blob.clone()).unwrap();
    assert!(text.contains(&Sha256Digest::of(b"change").to_string()));
    assert_eq!(blob, change_blob(&change(), &knowing()).unwrap());
}

#[test]
fn a_manifest_holds_no_people() {
    let mut all = assessment(vec![by_maria()], vec![]);
    all.baselines[0].reasons = vec!["approved by ben@bank.example".to_owned()];
    let place = Place::new();
    let log = place.open();
    let record = ScanRecord::new(facts(log.previous()), &all, &knowing());
    assert_no_names(&record.encode().unwrap().entry);
}

#[test]
fn records_read_back_as_they_were_written() {
    let record = finding(
        &judged("a.b", "/ingress", Value::from("x")),
        &Sources::default(),
    );
    let entry = record.encode().unwrap().entry;
    let read = Record::read(0, &entry).unwrap();
    assert_eq!(read, Record::Finding(Box::new(record)));
    let place = Place::new();
    let log = place.open();
    let scan = ScanRecord::new(
        facts(log.previous()),
        &assessment(vec![], vec![]),
        &people(),
    );
    let entry = scan.encode().unwrap().entry;
    assert_eq!(
        Record::read(0, &entry).unwrap(),
        Record::Scan(Box::new(scan))
    );
}

#[test]
fn a_finding_names_the_originals_and_the_blobs_of_its_documents() {
    let mut judged = by_maria();
    judged.deviation.live = Value::from(22);
    let plan = Document {
        name: "plan.json".to_owned(),
        sha256: Sha256Digest::of(b"plan"),
        blob: Some(Sha256Digest::of(b"projection")),
    };
    let change = Document {
        name: "CHG0030001.json".to_owned(),
        sha256: Sha256Digest::of(b"change"),
        blob: Some(Sha256Digest::of(b"pseudonymised")),
    };
    let sources = Sources {
        plans: [(WorkspaceName::from("payments"), plan.clone())].into(),
        changes: [(ChangeNumber::from("CHG0030001"), change.clone())].into(),
    };
    let entry = finding(&judged, &sources).encode().unwrap().entry;
    let head = read_head(&entry, 0).unwrap();
    assert_eq!(head.blobs, [plan.blob.unwrap(), change.blob.unwrap()]);
    assert_eq!(head.predicate_type, statement::FINDING);
    let text = String::from_utf8(entry).unwrap();
    assert!(text.contains(&plan.sha256.to_string()) && text.contains(&change.sha256.to_string()));
}

#[test]
fn records_that_are_too_large_keep_their_lists_in_a_blob() {
    let large = Value::from("x".repeat(100_000).as_str());
    let encoded = finding(&judged("a.b", "/user_data", large), &Sources::default())
        .encode()
        .unwrap();
    let [blob] = &encoded.blobs[..] else {
        panic!("one blob");
    };
    assert_eq!(
        read_head(&encoded.entry, 0).unwrap().blobs,
        [Sha256Digest::of(blob)]
    );
    assert!(blob.len() > 100_000 && encoded.entry.len() < 5_000);

    let place = Place::new();
    let mut log = place.open();
    let gap = |number: u64| Gap {
        workspace: Some(WorkspaceName::from("payments")),
        address: Some(Address::from(format!("aws_instance.web[{number}]"))),
        attribute: None,
        type_name: Some(TypeName::from("aws_instance")),
        account: None,
        region: None,
        reason: GapReason::TypeNotRecorded,
        detail: "no item of the type".to_owned(),
    };
    let many = assessment(vec![], (0..2_000).map(gap).collect());
    let encoded = manifest(&log, &many);
    let Record::Scan(scan) = Record::read(0, &encoded.entry).unwrap() else {
        panic!("a scan");
    };
    assert_eq!(scan.gap_counts["type_not_recorded"], 2_000);
    assert_eq!(scan.gaps, []);
    assert_eq!(scan.details, Some(Sha256Digest::of(&encoded.blobs[0])));
    append(&mut log, vec![encoded]);
    drop(log);
    assert_whole(&place.verify());
}
