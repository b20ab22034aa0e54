//! A small estate to report on: deviations as the other parts of the crate would hand them over.

use std::collections::BTreeMap;

use driftwarden::model::{
    Action, ApprovalStatus, Assessment, Attribution, Confidence, Coverage, Deviation,
    DeviationKind, Duties, Fidelity, Gap, GapReason, IgnoreChanges, Judged, Judgement, Means,
    Ruling, ScanTotals, Severity, Sha256Digest, SourceLocation, Value, Verdict, WorkspaceStatus,
};
use driftwarden::report::{EvidenceRef, ScanReport, Style, json, sarif, text};
use jiff::Timestamp;

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

pub fn value(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

pub fn sensitive(byte: u8) -> Value {
    Value::Sensitive(Sha256Digest([byte; 32]))
}

pub fn deviation(kind: DeviationKind, address: &str, attribute: Option<&str>) -> Deviation {
    let type_name = address.split('.').find(|part| part.starts_with("aws_"));
    Deviation {
        kind,
        workspace: Some("payments".into()),
        address: Some(address.into()),
        type_name: type_name.unwrap_or("aws_security_group").into(),
        provider_id: Some("sg-0abc".into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        attribute: attribute.map(Into::into),
        approved: Value::Null,
        live: Value::Null,
        fidelity: Fidelity::Mapped,
        observed_at: Some(at("2026-11-02T09:20:00Z")),
        tags: BTreeMap::new(),
        subjects: Vec::new(),
        source: None,
        within: None,
        pending: Vec::new(),
        earlier: Vec::new(),
        notes: Vec::new(),
    }
}

/// Changed from one value to the other, given as JSON.
pub fn changed(address: &str, attribute: &str, approved: &str, live: &str) -> Deviation {
    Deviation {
        approved: value(approved),
        live: value(live),
        ..deviation(DeviationKind::Changed, address, Some(attribute))
    }
}

pub fn judged(deviation: Deviation, severity: Severity, verdict: Verdict, reason: &str) -> Judged {
    Judged {
        deviation,
        judgement: Judgement {
            verdict,
            reasons: vec![reason.to_owned()],
            change: None,
        },
        attribution: None,
        ruling: Ruling {
            severity,
            action: Action::Alert,
            rule: None,
            duties: Duties::default(),
            notes: Vec::new(),
        },
    }
}

/// SSH opened to the world by hand in the console: the one deviation with everything known.
pub fn ssh_open() -> Judged {
    let open = r#"[{"from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}]"#;
    let deviation = Deviation {
        source: Some(SourceLocation {
            file: "modules/web/main.tf".to_owned(),
            line: 12,
            column: 1,
        }),
        ..changed(
            "module.web.aws_security_group.front[0]",
            "/ingress",
            "[]",
            open,
        )
    };
    let reason = "no change record covers /ingress";
    let mut judged = judged(deviation, Severity::Critical, Verdict::Unauthorised, reason);
    judged.attribution = Some(Attribution {
        actor: "arn:aws:iam::111122223333:user/maria".to_owned(),
        aliases: vec!["maria@bank.example".to_owned()],
        person: Some("p7".to_owned()),
        at: at("2026-11-02T09:14:00Z"),
        from: Some("203.0.113.9".to_owned()),
        means: Means::Console,
        call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        event_id: "e-1".to_owned(),
        confidence: Confidence::High,
    });
    judged.ruling.rule = Some("sg-open-to-world".into());
    judged.ruling.action = Action::Remediate;
    judged.ruling.duties = Duties {
        description: Some("A security group admits the whole internet".to_owned()),
        owner: Some("network-platform".to_owned()),
        sla_seconds: Some(900),
        runbook: Some("https://runbooks.bank.example/sg-open".to_owned()),
        controls: vec!["PCI-DSS 1.2.1".to_owned(), "NIST 800-53 CM-6".to_owned()],
    };
    judged
}

pub fn status(workspace: &str, approval: ApprovalStatus) -> WorkspaceStatus {
    WorkspaceStatus {
        workspace: workspace.into(),
        plan_sha256: Some(Sha256Digest::of(workspace.as_bytes())),
        change: (approval == ApprovalStatus::Approved).then(|| "CHG0030001".into()),
        approval,
        reasons: Vec::new(),
        ignore_changes: IgnoreChanges::Known,
    }
}

pub fn gap(type_name: Option<&str>, address: Option<&str>, reason: GapReason) -> Gap {
    Gap {
        workspace: Some("payments".into()),
        address: address.map(Into::into),
        attribute: None,
        type_name: type_name.map(Into::into),
        account: None,
        region: None,
        reason,
        detail: String::new(),
    }
}

pub fn assessment(deviations: Vec<Judged>) -> Assessment {
    Assessment {
        baselines: vec![status("payments", ApprovalStatus::Approved)],
        coverage: Coverage {
            approved: 120,
            observed: 120,
            ..Coverage::default()
        },
        deviations,
        gaps: Vec::new(),
        set_aside: Vec::new(),
        accepted: BTreeMap::new(),
        fixes: BTreeMap::new(),
    }
}

pub fn report<'a>(assessment: &'a Assessment, warnings: &'a [String]) -> ScanReport<'a> {
    ScanReport {
        started_at: at("2026-11-02T09:30:00Z"),
        finished_at: at("2026-11-02T09:30:01Z"),
        assessment,
        totals: ScanTotals {
            plans: 1,
            plan_bytes: 1_250_000,
            live_files: 2,
            live_bytes: 900,
            live_items: 1_234,
        },
        evidence: Some(EvidenceRef {
            origin: "driftwarden.bank.example/log".to_owned(),
            tree_size: 13,
            root: [7; 32],
            dir: "evidence".to_owned(),
        }),
        outside: None,
        warnings,
        not_seen: &[],
        config_file: "driftwarden.hcl",
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a vector takes every byte");
    String::from_utf8(out).expect("UTF-8")
}

pub fn as_text(report: &ScanReport<'_>, style: &Style) -> String {
    written(|out| text::scan(report, style, out))
}

pub fn as_json(report: &ScanReport<'_>) -> String {
    written(|out| json::scan(report, out))
}

pub fn as_sarif(report: &ScanReport<'_>) -> String {
    written(|out| sarif::scan(report, out))
}

/// The text of an assessment without warnings, in the default style.
pub fn text_of(assessment: &Assessment) -> String {
    as_text(&report(assessment, &[]), &Style::default())
}
