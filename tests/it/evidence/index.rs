//! The index: tables that anybody can make again from the log.
#![expect(
    clippy::disallowed_methods,
    reason = "a file that a test leaves half written is in its own folder"
)]

mod damage;

use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::adapters::store::{EvidenceLog, EvidenceReader};
use driftwarden::evidence::ledger::Ledger;
use driftwarden::evidence::record::*;
use driftwarden::model::*;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;

use super::commands::{driftwarden_verify, evidence, stdout};
use super::support::*;

fn event(judged: &Judged, event: FindingEvent, at: Timestamp) -> FindingRecord {
    let mut people = people();
    if let Some(attribution) = &judged.attribution {
        people.learn_attribution(attribution);
    }
    let key = judged.deviation.finding_key();
    FindingRecord::new(event, at, key, judged, &people, &Sources::default())
}

fn by_maria(address: &str) -> Judged {
    let mut judged = judged(address, "/ingress", Value::from("0.0.0.0/0"));
    judged.ruling.duties.controls = vec!["PCI-DSS 1.2.1".to_owned(), "CIS 5.2".to_owned()];
    judged.ruling.duties.owner = Some("network".to_owned());
    judged.judgement.change = Some(ChangeNumber::from("CHG0030001"));
    judged.attribution = Some(Attribution {
        actor: "arn:aws:iam::111122223333:user/maria".to_owned(),
        aliases: vec!["maria".to_owned()],
        person: None,
        at: now(),
        from: None,
        means: Means::Console,
        call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        event_id: "e-1".to_owned(),
        confidence: Confidence::High,
    });
    judged
}

fn acceptance() -> Acceptance {
    Acceptance {
        waiver: "legacy-front".to_owned(),
        owner: "p1".to_owned(),
        approved_by: "p2".to_owned(),
        reason: "replaced in March".to_owned(),
        expires: later(90 * 24 * 60),
        change: ChangeNumber::from("CHG0030002"),
        file: "waivers.hcl".to_owned(),
        file_sha256: Sha256Digest::of(b"waivers"),
    }
}

/// A finding that is resolved, one that came back, one that is accepted, and a record of most kinds.
fn lived(log: &mut EvidenceLog) {
    let [gone, back, waived] = ["a.gone", "b.back", "c.waived"].map(by_maria);
    let scan = manifest(log, &assessment(vec![gone.clone()], vec![]));
    let plan = PlanRecord {
        at: later(1),
        workspace: WorkspaceName::from("payments"),
        plan: Document {
            name: "plan.json".to_owned(),
            sha256: Sha256Digest::of(b"plan"),
            blob: None,
        },
        approval: ApprovalStatus::Approved,
        reasons: Vec::new(),
        change: Some(ChangeNumber::from("CHG0030001")),
        change_document: None,
    };
    let finding = |judged: &Judged, what, at| event(judged, what, later(at)).encode().unwrap();
    let deviation = waived.deviation.id();
    let key = waived.deviation.finding_key();
    let mut accepted = StateRecord::new(
        StateEvent::Accepted,
        later(6),
        key,
        deviation,
        FindingState::Accepted,
    );
    accepted.acceptance = Some(acceptance());
    let watch = WatchRecord {
        event: WatchEvent::Opened,
        at: later(7),
        watch: WatchKind::LiveStale,
        subject: "prod".to_owned(),
        detail: "no file for 3h".to_owned(),
    };
    let foreign = Encoded {
        entry: tiny(1),
        blobs: Vec::new(),
    };
    let opened = FindingEvent::Opened;
    let records = vec![
        scan,
        plan.encode().unwrap(),
        finding(&gone, opened, 1),
        finding(&back, opened, 1),
        finding(&waived, opened, 1),
        event(&gone, opened, now())
            .resolved(later(3))
            .encode()
            .unwrap(),
        event(&back, opened, now())
            .resolved(later(3))
            .encode()
            .unwrap(),
        finding(&back, opened, 4),
        finding(&back, FindingEvent::Changed, 5),
        accepted.encode().unwrap(),
        watch.encode().unwrap(),
        ServiceRecord::new(ServiceEvent::Stopped, later(8), "0.1.0")
            .encode()
            .unwrap(),
        foreign,
    ];
    append(log, records);
}

fn place() -> Place {
    let place = Place::new();
    lived(&mut place.open());
    place
}

fn index(place: &Place) -> PathBuf {
    place.log().join("index.db")
}

fn rebuild(place: &Place) -> Vec<u8> {
    evidence(&place.log(), &["index", "rebuild"]).unwrap();
    fs::read(index(place)).unwrap()
}

fn rebuild_to(place: &Place, path: &Path) -> anyhow::Result<String> {
    let path = path.to_str().unwrap();
    evidence(&place.log(), &["index", "rebuild", "--out", path])
}

fn check(place: &Place) -> Result<String, String> {
    let checked = evidence(&place.log(), &["index", "check"]);
    let hide = |text: String| {
        let text = text.replace(place.log().to_str().unwrap(), "LOG");
        let root = EvidenceReader::open(&place.log()).unwrap();
        text.replace(&root.checkpoint().head().root.to_string(), "ROOT")
    };
    checked
        .map(hide)
        .map_err(|error| hide(error.to_string()).replace(REMEDY, ""))
}

const REMEDY: &str = "\n  help: `driftwarden evidence index rebuild` makes it anew from the log";

/// Every table of a database with all that is in it.
fn dump(path: &Path) -> String {
    let tables = Connection::open(path).unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
    let mut names = tables.prepare(names).unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut text = String::new();
    for name in names.map(Result::unwrap) {
        text.push_str(&ask(
            &tables,
            &format!("SELECT * FROM {name}"),
            &format!("{name} "),
        ));
    }
    text
}

fn ask(tables: &Connection, question: &str, name: &str) -> String {
    let mut asked = tables.prepare(question).unwrap();
    let columns = asked.column_count();
    let mut rows = asked.query([]).unwrap();
    let mut text = String::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..columns).map(|column| match row.get::<_, Cell>(column).unwrap() {
            Cell::Null => "-".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text,
            other => panic!("{other:?}"),
        });
        let cells: Vec<_> = cells.collect();
        text.push_str(&format!("{name}{}\n", cells.join(" ")));
    }
    text
}

fn asked(place: &Place, question: &str) -> String {
    ask(&Connection::open(index(place)).unwrap(), question, "")
}

fn names(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).unwrap();
    let names = found.map(|found| found.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains(".db")).collect();
    names.sort();
    names
}

#[test]
fn the_tables_say_what_the_entries_say() {
    let place = place();
    rebuild(&place);
    let entries =
        "SELECT entry, kind, event, at, workspace, address, verdict, severity, rule, change
                   FROM entries";
    insta::assert_snapshot!(asked(&place, entries), @"
    0 scan - 2026-11-02T09:01:00.000Z - - - - - -
    1 plan approved 2026-11-02T09:01:00.000Z payments - - - - CHG0030001
    2 finding opened 2026-11-02T09:01:00.000Z payments a.gone unauthorised critical sg-open-to-world CHG0030001
    3 finding opened 2026-11-02T09:01:00.000Z payments b.back unauthorised critical sg-open-to-world CHG0030001
    4 finding opened 2026-11-02T09:01:00.000Z payments c.waived unauthorised critical sg-open-to-world CHG0030001
    5 finding resolved 2026-11-02T09:03:00.000Z payments a.gone unauthorised critical sg-open-to-world CHG0030001
    6 finding resolved 2026-11-02T09:03:00.000Z payments b.back unauthorised critical sg-open-to-world CHG0030001
    7 finding opened 2026-11-02T09:04:00.000Z payments b.back unauthorised critical sg-open-to-world CHG0030001
    8 finding changed 2026-11-02T09:05:00.000Z payments b.back unauthorised critical sg-open-to-world CHG0030001
    9 finding_state accepted 2026-11-02T09:06:00.000Z - - - - - CHG0030002
    10 watch opened 2026-11-02T09:07:00.000Z - - - - - -
    11 service stopped 2026-11-02T09:08:00.000Z - - - - - -
    12 foreign - - - - - - - -
    ");
    let findings = "SELECT address, state, entry, opened_entry, opened_at, changed_at, resolved_at,
                    owner, waiver, waiver_until FROM findings ORDER BY address";
    insta::assert_snapshot!(asked(&place, findings), @"
    a.gone resolved 5 2 2026-11-02T09:01:00.000Z 2026-11-02T09:03:00.000Z 2026-11-02T09:03:00.000Z network - -
    b.back open 8 7 2026-11-02T09:04:00.000Z 2026-11-02T09:05:00.000Z - network - -
    c.waived accepted 9 4 2026-11-02T09:01:00.000Z 2026-11-02T09:01:00.000Z - network legacy-front 2027-01-31T09:00:00.000Z
    ");
    let controls = "SELECT DISTINCT control, address, c.entry FROM controls c
                    JOIN findings USING (finding) ORDER BY 1, 2, 3";
    insta::assert_snapshot!(asked(&place, controls), @"
    CIS 5.2 a.gone 2
    CIS 5.2 a.gone 5
    CIS 5.2 b.back 3
    CIS 5.2 b.back 6
    CIS 5.2 b.back 7
    CIS 5.2 b.back 8
    CIS 5.2 c.waived 4
    PCI-DSS 1.2.1 a.gone 2
    PCI-DSS 1.2.1 a.gone 5
    PCI-DSS 1.2.1 b.back 3
    PCI-DSS 1.2.1 b.back 6
    PCI-DSS 1.2.1 b.back 7
    PCI-DSS 1.2.1 b.back 8
    PCI-DSS 1.2.1 c.waived 4
    ");
    let scans = "SELECT entry, started_at, finished_at, deviations, gaps FROM scans";
    insta::assert_snapshot!(asked(&place, scans), @"0 2026-11-02T09:00:00.000Z 2026-11-02T09:01:00.000Z 1 0");
    let plans = "SELECT entry, workspace, approval, change FROM plans";
    insta::assert_snapshot!(asked(&place, plans), @"1 payments approved CHG0030001");
}

#[test]
fn what_is_open_is_what_the_ledger_says() {
    let place = place();
    rebuild(&place);
    let mut ledger = Ledger::default();
    for entry in EvidenceReader::open(&place.log()).unwrap().entries() {
        let entry = entry.unwrap();
        ledger.apply(entry.index, &entry.bytes).unwrap();
    }
    let open = ledger.open_findings().map(|open| {
        let (key, state) = (&open.record.finding, open.standing.state());
        format!("{key} {state}\n")
    });
    let question = "SELECT finding, state FROM findings WHERE state <> 'resolved' ORDER BY 1";
    assert_eq!(asked(&place, question), open.collect::<String>());
}

#[test]
fn the_same_log_gives_the_same_file_wherever_it_lies() {
    let place = place();
    let first = rebuild(&place);
    assert_eq!(rebuild(&place), first);
    let elsewhere = place.root().join("elsewhere.db");
    rebuild_to(&place, &elsewhere).unwrap();
    assert_eq!(fs::read(&elsewhere).unwrap(), first);
    let export = place.root().join("export");
    evidence(&place.log(), &["export", "--out", export.to_str().unwrap()]).unwrap();
    assert!(!export.join("log/index.db").exists());
    evidence(&export.join("log"), &["index", "rebuild"]).unwrap();
    assert_eq!(fs::read(export.join("log/index.db")).unwrap(), first);
    assert_eq!(dump(&elsewhere), dump(&index(&place)));
    assert_eq!(names(&place.log()), ["index.db"]);
}

#[test]
fn an_index_changes_nothing_for_the_verifier_and_the_writer() {
    let place = place();
    rebuild(&place);
    let said = stdout(&driftwarden_verify(&[&place.log()]));
    assert!(said.contains("WHOLE"), "{said}");
    let finding = event(&by_maria("d.new"), FindingEvent::Opened, later(9));
    append(&mut place.open(), vec![finding.encode().unwrap()]);
    assert_whole(&place.verify());
}

#[test]
fn an_index_of_the_present_state_is_said_to_be_one() {
    let place = place();
    insta::assert_snapshot!(check(&place).unwrap_err(), @"there is no index at `LOG/index.db`");
    rebuild(&place);
    insta::assert_snapshot!(check(&place).unwrap(), @"`LOG/index.db` is the index of log driftwarden.example.org/evidence/2026 as it stands, 13 records, root ROOT; a rebuild gives the same");
    let elsewhere = place.root().join("100% of?.db");
    rebuild_to(&place, &elsewhere).unwrap();
    let file = elsewhere.to_str().unwrap();
    evidence(&place.log(), &["index", "check", "--file", file]).unwrap();
    assert_eq!(names(place.root()), ["100% of?.db"]);
}

#[test]
fn nothing_else_comes_into_the_folder_of_the_log() {
    let place = place();
    for inside in ["other.db", "tile/index.db", "../evidence/other.db"] {
        let said = rebuild_to(&place, &place.log().join(inside)).unwrap_err();
        assert!(said.to_string().contains("lies within the evidence folder"));
    }
    rebuild_to(&place, &place.root().join("keys/../evidence/index.db")).unwrap();
    assert_whole(&place.verify());
    let said = rebuild_to(&place, &place.root().join("none/index.db")).unwrap_err();
    assert!(
        said.to_string().contains("no such file or folder"),
        "{said}"
    );
}

#[test]
fn people_stay_pseudonyms() {
    let place = place();
    rebuild(&place);
    let text = dump(&index(&place));
    assert!(!text.contains("maria"), "{text}");
    let actors = "SELECT count(DISTINCT actor) FROM entries WHERE event = 'opened' AND actor <> ''";
    assert_eq!(asked(&place, actors), "1\n");
}
