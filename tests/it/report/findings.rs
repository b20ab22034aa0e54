//! The list of open findings.

use driftwarden::model::{
    Acceptance, DeviationKind, FindingState, Severity, Sha256Digest, Verdict, WatchKind,
};
use driftwarden::report::Style;
use driftwarden::report::findings::{self, FindingView, WatchView};
use insta::assert_snapshot;
use serde_json::Value as Json;

use super::estate::at;

fn finding(number: u64, severity: Severity) -> FindingView {
    FindingView {
        key: "5f2a".into(),
        severity,
        kind: DeviationKind::Changed,
        workspace: Some("payments".into()),
        address: Some("aws_security_group.front".into()),
        type_name: "aws_security_group".into(),
        provider_id: Some("sg-0abc".into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        attribute: Some("/ingress".into()),
        verdict: Verdict::Unauthorised,
        first_seen: at("2026-11-02T09:30:00Z"),
        last_changed: at("2026-11-02T10:30:00Z"),
        index: number,
        owner: Some("network-\x1b[platform".to_owned()),
        deviation: "77aa".into(),
        state: FindingState::Open,
        fix: None,
        acknowledged_by: None,
        waiver: None,
    }
}

fn text(list: &[FindingView], max_details: usize) -> String {
    let style = Style {
        max_details,
        ..Style::default()
    };
    let mut out = Vec::new();
    findings::render(list, &[], "driftwarden.hcl", &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn lists_what_where_since_when_and_how_to_see_the_record() {
    let list = [finding(12, Severity::Critical), finding(14, Severity::Low)];
    assert_snapshot!(text(&list, 1), @r"
    2 open findings: 1 critical, 1 low.

    CRITICAL  aws_security_group.front changed /ingress: unauthorised
              owner network-\u{1b}[platform, workspace payments, account 111122223333, eu-west-1
              since 2026-11-02T09:30:00Z, changed 2026-11-02T10:30:00Z, finding 5f2a
              driftwarden explain 5f2a
              driftwarden evidence show 12

    1 more finding not shown here: driftwarden findings --format json
    ");
}

fn stale() -> WatchView {
    WatchView {
        watch: WatchKind::LiveStale,
        subject: "prod".to_owned(),
        since: at("2026-11-02T09:30:00Z"),
        detail: "its newest is of 2026-10-01T00:00:00Z".to_owned(),
    }
}

#[test]
fn says_what_people_made_of_it_and_what_the_detector_sees_in_itself() {
    let mut accepted = finding(12, Severity::Critical);
    accepted.state = FindingState::Accepted;
    accepted.waiver = Some(Acceptance {
        waiver: "ssh-until-may".to_owned(),
        owner: "p1".to_owned(),
        approved_by: "p2".to_owned(),
        reason: "moved in May".to_owned(),
        expires: at("2026-12-31T00:00:00Z"),
        change: "CHG0030009".into(),
        file: "waivers/one.hcl".to_owned(),
        file_sha256: Sha256Digest::of(b"waiver"),
    });
    let mut known = finding(13, Severity::Low);
    known.state = FindingState::Acknowledged;
    known.acknowledged_by = Some("p3".to_owned());
    let mut out = Vec::new();
    let list = [accepted, known];
    findings::render(
        &list,
        &[stale()],
        "/etc/it.hcl",
        &Style::default(),
        &mut out,
    )
    .unwrap();
    assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    WATCH     live_stale prod: its newest is of 2026-10-01T00:00:00Z, since 2026-11-02T09:30:00Z
    2 open findings: 1 critical, 1 low.

    CRITICAL  aws_security_group.front changed /ingress: unauthorised
              owner network-\u{1b}[platform, workspace payments, account 111122223333, eu-west-1
              since 2026-11-02T09:30:00Z, changed 2026-11-02T10:30:00Z, finding 5f2a
              accepted until 2026-12-31T00:00:00Z by the waiver ssh-until-may (CHG0030009): owner p1,
              second approver p2
              driftwarden explain 5f2a --config /etc/it.hcl
              driftwarden evidence show 12 --config /etc/it.hcl

    LOW       aws_security_group.front changed /ingress: unauthorised
              owner network-\u{1b}[platform, workspace payments, account 111122223333, eu-west-1
              since 2026-11-02T09:30:00Z, changed 2026-11-02T10:30:00Z, finding 5f2a
              acknowledged by p3
              driftwarden explain 5f2a --config /etc/it.hcl
              driftwarden evidence show 13 --config /etc/it.hcl
    ");
}

#[test]
fn says_that_none_is_open() {
    assert_snapshot!(text(&[], 9), @"No finding is open.");
}

#[test]
fn as_json_names_every_field() {
    let mut out = Vec::new();
    findings::json(&[finding(12, Severity::Critical)], &[stale()], &mut out).unwrap();
    assert!(!out.contains(&0x1b));
    let json: Json = serde_json::from_slice(&out).unwrap();
    assert_eq!(json["schema"], "driftwarden.findings/1");
    let row = &json["findings"][0];
    assert_eq!(row["finding"], "5f2a");
    assert_eq!(row["type"], "aws_security_group");
    assert_eq!(row["first_seen"], "2026-11-02T09:30:00Z");
    assert_eq!(row["index"], 12);
    assert_eq!(row["state"], "open");
    assert_eq!(json["watches"][0]["watch"], "live_stale");
    assert_eq!(row["owner"], "network-\x1b[platform");
}
