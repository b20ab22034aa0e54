//! Whatever an assessment holds, all three forms can show it, and none shows a secret.

use driftwarden::model::sort_deviations;
use driftwarden::model::{
    Action, ApprovalStatus, Assessment, Attribution, Confidence, Coverage, Deviation,
    DeviationKind, Duties, Fidelity, Gap, GapReason, IgnoreChanges, Judged, Judgement, Means,
    Number, Ruling, Severity, Sha256Digest, SourceLocation, Value, Verdict, WorkspaceStatus,
};
use driftwarden::report::{ScanReport, Style};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::estate::{as_json, as_sarif, as_text, at, report};

/// Every secret has this digest, so that one search finds any that leaked.
const SECRET: Sha256Digest = Sha256Digest([0x5e; 32]);

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_./]{1,12}",
        any::<String>(),
        "[\\x00-\\x1f\\x7f-\\u{9f}\\u{202a}-\\u{202e}a-c ]{0,8}",
        "(数据 ?){0,40}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        (-1e12..1e12_f64).prop_map(|float| Value::Number(Number::from_f64(float))),
        words().prop_map(Value::String),
        "x{90,130}[ab]{1,9}".prop_map(Value::String),
        Just(Value::Sensitive(SECRET)),
        Just(Value::string(
            r#"{"Statement": [{"Effect": "Allow", "Action": 7}]}"#
        )),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof![
            words(),
            select(vec!["Statement", "Action", "Principal", "Condition", "Sid"])
                .prop_map(str::to_owned)
        ];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::List),
            btree_map(key, inner, 0..6).prop_map(Value::Map),
        ]
    })
}

fn deviations() -> impl Strategy<Value = Deviation> {
    let names = (
        select(DeviationKind::ALL.to_vec()),
        option::of(words()),
        option::of(words()),
        words(),
        option::of(words()),
        option::of(words()),
        option::of(words()),
    );
    let source = option::of((words(), any::<u32>(), any::<u32>()));
    let rest = (values(), values(), source, vec(words(), 0..3));
    (names, rest).prop_map(|(names, (approved, live, source, notes))| {
        let (kind, workspace, address, type_name, provider_id, account, attribute) = names;
        Deviation {
            kind,
            workspace: workspace.map(Into::into),
            address: address.map(Into::into),
            type_name: type_name.into(),
            provider_id: provider_id.map(Into::into),
            account: account.map(Into::into),
            region: None,
            attribute: attribute.map(Into::into),
            approved,
            live,
            fidelity: Fidelity::Exact,
            observed_at: None,
            tags: Default::default(),
            subjects: Vec::new(),
            source: source.map(|(file, line, column)| SourceLocation { file, line, column }),
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes,
        }
    })
}

fn attributions() -> impl Strategy<Value = Attribution> {
    (words(), option::of(words()), option::of(words())).prop_map(|(actor, person, from)| {
        Attribution {
            call: actor.clone(),
            event_id: actor.clone(),
            actor,
            aliases: Vec::new(),
            person,
            at: at("2026-11-02T09:14:00Z"),
            from,
            means: Means::Key,
            confidence: Confidence::Low,
        }
    })
}

fn judged() -> impl Strategy<Value = Judged> {
    let ruling = (
        select(Severity::ALL.to_vec()),
        select(Action::ALL.to_vec()),
        option::of(words()),
        option::of(words()),
        option::of(any::<u64>()),
    );
    let verdict = (
        select(Verdict::ALL.to_vec()),
        vec(words(), 1..3),
        option::of(words()),
    );
    (deviations(), ruling, verdict, option::of(attributions())).prop_map(
        |(deviation, (severity, action, rule, text, sla_seconds), verdict, attribution)| Judged {
            deviation,
            judgement: Judgement {
                verdict: verdict.0,
                reasons: verdict.1,
                change: verdict.2.map(Into::into),
            },
            attribution,
            ruling: Ruling {
                severity,
                action,
                rule: rule.map(Into::into),
                duties: Duties {
                    description: text.clone(),
                    owner: text.clone(),
                    sla_seconds,
                    runbook: text.clone(),
                    controls: text.clone().into_iter().collect(),
                },
                notes: text.into_iter().collect(),
            },
        },
    )
}

fn gaps() -> impl Strategy<Value = Gap> {
    let reasons = vec![
        GapReason::TypeNotMapped,
        GapReason::SourceRefused,
        GapReason::Ambiguous,
    ];
    let names = (
        option::of(words()),
        option::of(words()),
        option::of(words()),
    );
    (select(reasons), names, words()).prop_map(|(reason, names, detail)| Gap {
        workspace: names.0.map(Into::into),
        address: names.1.map(Into::into),
        attribute: None,
        type_name: names.2.map(Into::into),
        account: None,
        region: None,
        reason,
        detail,
    })
}

fn baselines() -> impl Strategy<Value = WorkspaceStatus> {
    let standings = vec![
        ApprovalStatus::Approved,
        ApprovalStatus::Assumed,
        ApprovalStatus::Unapproved,
        ApprovalStatus::Indeterminate,
    ];
    (
        words(),
        option::of(words()),
        select(standings),
        vec(words(), 0..3),
    )
        .prop_map(|(workspace, change, approval, reasons)| WorkspaceStatus {
            workspace: workspace.into(),
            plan_sha256: None,
            change: change.map(Into::into),
            approval,
            reasons,
            ignore_changes: IgnoreChanges::Known,
        })
}

fn assessments() -> impl Strategy<Value = Assessment> {
    let lists = (
        vec(baselines(), 0..4),
        vec(judged(), 0..6),
        vec(gaps(), 0..6),
    );
    (lists, any::<[u64; 8]>()).prop_map(|((baselines, deviations, gaps), counts)| Assessment {
        baselines,
        coverage: Coverage {
            approved: counts[0],
            observed: counts[1],
            unknown: counts[2],
            excluded: counts[3],
            unmanaged: counts[4],
            not_comparable: counts[5],
            by_name: counts[6],
            unclear_by_name: counts[7],
        },
        deviations,
        gaps,
        set_aside: Vec::new(),
        accepted: std::collections::BTreeMap::new(),
        fixes: std::collections::BTreeMap::new(),
    })
}

fn check_text(report: &ScanReport<'_>, style: &Style) -> Result<(), TestCaseError> {
    let text = as_text(report, style);
    let hidden = |c: char| c != '\n' && driftwarden::report::escape::is_unsafe(c);
    prop_assert!(!text.chars().any(hidden), "{:?}", text);
    prop_assert!(!text.contains(&SECRET.to_string()));
    for line in text.lines() {
        let is_copied = ["next", "runbook", "NEXT", "VERIFY", "driftwarden "]
            .iter()
            .any(|label| line.trim_start().starts_with(label));
        let fits = line.chars().count() <= style.width.max(40);
        prop_assert!(is_copied || fits, "too long: {:?}", line);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_assessment_can_be_shown(
        assessment in assessments(),
        warnings in vec(words(), 0..3),
        width in 0_usize..140,
        max_details in 0_usize..8,
    ) {
        let report = report(&assessment, &warnings);
        let style = Style { color: false, width, max_details };
        check_text(&report, &style)?;

        let json = as_json(&report);
        prop_assert!(!json.contains(&SECRET.to_string()));
        let scan: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let rows = scan["deviations"].as_array().expect("a list");
        prop_assert_eq!(rows.len(), assessment.deviations.len());
        for (row, judged) in rows.iter().zip(&assessment.deviations) {
            let id = judged.deviation.id();
            prop_assert_eq!(row["id"].as_str(), Some(id.as_str()));
            let address = judged.deviation.address.as_ref().map(|address| address.as_str());
            prop_assert_eq!(row["address"].as_str(), address);
        }

        let sarif = as_sarif(&report);
        prop_assert!(!sarif.contains(&SECRET.to_string()));
        super::sarif::assert_valid(&serde_json::from_str(&sarif).expect("JSON"));
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_before(
        list in vec(judged(), 0..8).prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let (mut one, mut other) = list;
        sort_deviations(&mut one);
        sort_deviations(&mut other);
        let ids = |list: &[Judged]| -> Vec<_> { list.iter().map(|j| j.deviation.id()).collect() };
        prop_assert_eq!(ids(&one), ids(&other));
        prop_assert!(one.is_sorted_by_key(|judged| std::cmp::Reverse(judged.ruling.severity)));
    }
}
