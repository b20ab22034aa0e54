//! The JSON result against its contract, field by field.

use driftwarden::model::{Action, ApprovalStatus, Coverage, GapReason, Severity, Verdict};
use serde_json::{Value as Json, json};

use super::estate::{
    as_json, assessment, changed, gap, judged, report, sensitive, ssh_open, status,
};

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn holds_every_field_of_the_contract() {
    let mut assessment = assessment(vec![ssh_open()]);
    assessment.coverage = Coverage {
        approved: 120,
        observed: 117,
        unknown: 2,
        excluded: 1,
        unmanaged: 4,
        not_comparable: 3,
        by_name: 5,
        unclear_by_name: 6,
    };
    let warnings = ["`people.json` names nobody".to_owned()];
    let scan = parsed(&as_json(&report(&assessment, &warnings)));
    assert_eq!(scan["schema"], "driftwarden.scan/1");
    assert_eq!(scan["started_at"], "2026-11-02T09:30:00Z");
    assert_eq!(scan["finished_at"], "2026-11-02T09:30:01Z");
    let digest = driftwarden::model::Sha256Digest::of(b"payments").to_string();
    assert_eq!(
        scan["baselines"],
        json!([{ "workspace": "payments", "plan_sha256": digest, "change": "CHG0030001",
                 "approval": "approved", "reasons": [], "ignore_changes": "known" }])
    );
    assert_eq!(
        scan["coverage"],
        json!({ "approved": 120, "observed": 117, "unknown": 2, "excluded": 1, "unmanaged": 4, "not_comparable": 3, "by_name": 5, "unclear_by_name": 6 })
    );
    assert_eq!(
        scan["evidence"],
        json!({ "origin": "driftwarden.bank.example/log", "tree_size": 13, "dir": "evidence",
                "root": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=" })
    );
    assert_eq!(scan["warnings"], json!(["`people.json` names nobody"]));
    assert_eq!(scan["gaps"], json!([]));
}

#[test]
fn a_deviation_holds_every_field_of_the_contract() {
    let judged = ssh_open();
    let deviation = &judged.deviation;
    let expected = json!({
        "id": deviation.id(), "finding": deviation.finding_key(),
        "kind": "changed", "workspace": "payments",
        "address": "module.web.aws_security_group.front[0]", "type": "aws_security_group",
        "provider_id": "sg-0abc", "account": "111122223333", "region": "eu-west-1",
        "attribute": "/ingress", "approved": [],
        "live": [{ "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] }],
        "fidelity": "mapped", "verdict": "unauthorised",
        "reasons": ["no change record covers /ingress"], "change": null,
        "severity": "critical", "rule": "sg-open-to-world", "action": "remediate",
        "description": "A security group admits the whole internet",
        "owner": "network-platform", "sla_seconds": 900,
        "runbook": "https://runbooks.bank.example/sg-open",
        "controls": ["PCI-DSS 1.2.1", "NIST 800-53 CM-6"],
        "attribution": {
            "actor": "arn:aws:iam::111122223333:user/maria", "aliases": ["maria@bank.example"],
            "person": "p7", "at": "2026-11-02T09:14:00Z", "from": "203.0.113.9",
            "means": "console", "call": "ec2:AuthorizeSecurityGroupIngress", "event_id": "e-1",
            "confidence": "high" },
        "observed_at": "2026-11-02T09:20:00Z",
        "source": { "file": "modules/web/main.tf", "line": 12, "column": 1 },
        "names": [],
        "notes": []
    });
    let assessment = assessment(vec![judged]);
    let scan = parsed(&as_json(&report(&assessment, &[])));
    assert_eq!(scan["deviations"], json!([expected]));
}

#[test]
fn what_is_absent_is_null_and_what_is_ignored_stays() {
    let mut ignored = judged(
        changed("aws_instance.dev", "/monitoring", "true", "false"),
        Severity::Info,
        Verdict::Authorised,
        "CHG1 covers it",
    );
    ignored.ruling.action = Action::Ignore;
    ignored.deviation.workspace = None;
    ignored.deviation.provider_id = None;
    let mut assessment = assessment(vec![ignored]);
    assessment.baselines = vec![status("ledger", ApprovalStatus::Assumed)];
    let hole = gap(Some("aws_x"), Some("aws_x.a"), GapReason::TypeNotMapped);
    assessment.gaps = vec![hole];
    let mut report = report(&assessment, &[]);
    report.evidence = None;
    let scan = parsed(&as_json(&report));
    assert_eq!(scan["evidence"], Json::Null);
    assert_eq!(scan["baselines"][0]["approval"], "assumed");
    assert_eq!(scan["baselines"][0]["change"], Json::Null);
    let row = scan["deviations"][0].as_object().unwrap();
    for absent in ["workspace", "provider_id", "rule", "attribution", "source"] {
        assert_eq!(row.get(absent), Some(&Json::Null), "{absent}");
    }
    assert_eq!(row["action"], "ignore");
    assert_eq!(
        scan["gaps"],
        json!([{ "workspace": "payments", "address": "aws_x.a", "type": "aws_x",
                 "account": null, "region": null, "reason": "type_not_mapped", "detail": "" }])
    );
}

#[test]
fn a_secret_is_only_said_to_be_one() {
    let mut deviation = changed("aws_db_instance.main", "/password", "null", "null");
    deviation.approved = sensitive(0xab);
    deviation.live = sensitive(0xcd);
    let judged = judged(deviation, Severity::High, Verdict::Unauthorised, "by hand");
    let assessment = assessment(vec![judged]);
    let scan = parsed(&as_json(&report(&assessment, &[])));
    let row = &scan["deviations"][0];
    assert_eq!(row["approved"], json!({ "sensitive": true }));
    assert_eq!(row["live"], json!({ "sensitive": true }));
}

#[test]
fn hostile_text_stays_whole_and_harmless() {
    let hostile = "a\u{9b}2J\u{202e}b\x1b[0m\u{e0041}";
    let mut judged = ssh_open();
    judged.deviation.address = Some(hostile.into());
    let assessment = assessment(vec![judged]);
    let text = as_json(&report(&assessment, &[]));
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
    assert!(
        text.contains("a\\u009b2J\\u202eb\\u001b[0m\\udb40\\udc41"),
        "{text}"
    );
    assert_eq!(parsed(&text)["deviations"][0]["address"], hostile);
}

#[test]
fn holds_one_deviation_a_line_in_the_order_given() {
    let (mut second, mut third) = (ssh_open(), ssh_open());
    second.deviation.address = Some("a".into());
    third.deviation.address = Some("m".into());
    let assessment = assessment(vec![ssh_open(), second, third]);
    let text = as_json(&report(&assessment, &[]));
    let lines = text.lines().filter(|line| line.starts_with("    {\"id\""));
    let addresses: Vec<String> = lines
        .map(|line| parsed(line.trim_end_matches(','))["address"].to_string())
        .collect();
    assert_eq!(
        addresses,
        [
            "\"module.web.aws_security_group.front[0]\"",
            "\"a\"",
            "\"m\""
        ]
    );
}
