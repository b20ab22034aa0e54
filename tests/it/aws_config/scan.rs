//! What a scan says of what a source told: missing where it read to the end, a gap where it did not.

#![expect(clippy::disallowed_methods, reason = "a test writes its own copy")]

use std::sync::Arc;

use driftwarden::adapters::estate::FileEstate;
use driftwarden::config;
use driftwarden::decide::approvals::ApprovalPolicy;
use driftwarden::decide::compare::Scope;
use driftwarden::engine::{Covered, Settings, Silent, coverage};
use driftwarden::evidence::ledger::Ledger;
use driftwarden::model::{DeviationKind, GapReason, LifecyclePolicy, WhyNotRead};
use driftwarden::ports::ReadOnlyEvidence;
use driftwarden::ports::RecordingGroup;
use jiff::Timestamp;

use super::fake::*;

/// Two topics and a bucket are approved; what the cloud shows is looked at.
fn scanned(cloud: Cloud) -> Covered {
    let folder = tempfile::tempdir().unwrap();
    let values = |id: &str, arn: &str, name: &str| {
        format!(r#"{{"id":"{id}","arn":"{arn}","{name}":"{id}","display_name":"live"}}"#)
    };
    let topic = |name: &str| format!("arn:aws:sns:{WEST}:{ACCOUNT}:{name}");
    let resources = [
        (
            "aws_sns_topic",
            "one",
            values(&topic("one"), &topic("one"), "x"),
        ),
        (
            "aws_sns_topic",
            "two",
            values(&topic("two"), &topic("two"), "x"),
        ),
        (
            "aws_s3_bucket",
            "own",
            values("own", "arn:aws:s3:::own", "bucket"),
        ),
    ];
    let changes = resources.map(|(kind, name, values)| {
        format!(
            r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["no-op"],"before":{values},"after":{values},"after_unknown":{{}}}}}}"#
        )
    });
    let plan = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","timestamp":"2026-10-01T08:00:00Z","complete":true,"errored":false,"planned_values":{{}},"resource_changes":[{}]}}"#,
        changes.join(",")
    );
    std::fs::write(folder.path().join("plan.json"), plan).unwrap();
    let text = "evidence { dir = \"evidence\" }\nbaseline \"ledger\" {\n  plan = \"plan.json\"\n  approval = \"assumed\"\n}";
    let file = folder.path().join("driftwarden.hcl");
    let config = config::parse(&file.display().to_string(), text).unwrap();
    let source = Shared::new(cloud).direct(&[WEST], PLENTY);
    let estate = FileEstate::new(&config).with_sources(vec![Arc::new(source)]);
    let settings = Settings {
        policy: ApprovalPolicy::default(),
        scope: Scope::default(),
        allowed: driftwarden::decide::attribute::Allowed::default(),
        redaction_key: [1; 32],
        people_key: [2; 32],
        threads: 2,
        lifecycle: LifecyclePolicy::default(),
        exact_all: false,
        sweeps: Default::default(),
        program_version: "0",
    };
    let now: Timestamp = "2026-11-28T10:00:00Z".parse().unwrap();
    let mut evidence = ReadOnlyEvidence(Ledger::default());
    coverage(&estate, &mut evidence, &settings, &|| now, &Silent).unwrap()
}

fn missing(covered: &Covered) -> Vec<String> {
    let all = covered.assessment.deviations.iter();
    let own = all.filter(|own| own.deviation.kind == DeviationKind::Missing);
    own.filter_map(|own| Some(own.deviation.address.as_ref()?.to_string()))
        .collect()
}

fn reasons(covered: &Covered, address: &str) -> Vec<GapReason> {
    let gaps = covered.assessment.gaps.iter();
    let own = gaps.filter(|gap| {
        gap.address
            .as_ref()
            .is_some_and(|own| own.as_str() == address)
    });
    own.map(|gap| gap.reason).collect()
}

fn one_topic() -> Vec<String> {
    vec![row(ACCOUNT, WEST, TOPIC, "one")]
}

#[test]
fn the_last_one_of_a_type_is_missing_where_the_type_was_read_to_its_end() {
    let covered = scanned(Cloud::new(one_topic()));
    let expected = ["aws_s3_bucket.own", "aws_sns_topic.two"];
    assert_eq!(missing(&covered), expected, "{:?}", covered.assessment.gaps);
    assert_eq!(covered.assessment.coverage.observed, 3);
    assert_eq!(missing(&scanned(Cloud::new(Vec::new()))).len(), 3);
}

#[test]
fn what_was_not_read_is_never_missing() {
    for (why, reason) in [
        (WhyNotRead::Throttled, GapReason::SourceRefused),
        (WhyNotRead::Denied, GapReason::SourceRefused),
        (WhyNotRead::NoCredentials, GapReason::SourceRefused),
        (WhyNotRead::Unreachable, GapReason::SourceUnreachable),
        (WhyNotRead::OverBudget, GapReason::OverBudget),
        (WhyNotRead::Broken, GapReason::SourceUnreadable),
    ] {
        let mut cloud = Cloud::new(one_topic());
        cloud.page = 1;
        cloud.fault =
            Box::new(move |call, _| (call.api == "SelectResourceConfig").then(|| failed(why)));
        let covered = scanned(cloud);
        assert_eq!(missing(&covered), [""; 0], "{why}");
        for address in [
            "aws_s3_bucket.own",
            "aws_sns_topic.one",
            "aws_sns_topic.two",
        ] {
            assert_eq!(reasons(&covered, address), [reason], "{why} {address}");
        }
    }
}

#[test]
fn what_is_not_recorded_is_a_gap_beside_what_is() {
    let mut cloud = Cloud::new(one_topic());
    cloud.group = RecordingGroup::AllBut([BUCKET.to_owned()].into());
    let covered = scanned(cloud);
    assert_eq!(missing(&covered), ["aws_sns_topic.two"]);
    assert_eq!(
        reasons(&covered, "aws_s3_bucket.own"),
        [GapReason::TypeNotRecorded]
    );
    let wide = covered
        .assessment
        .gaps
        .iter()
        .find(|gap| gap.address.is_none());
    let wide = wide.unwrap();
    assert_eq!(
        wide.detail,
        "`bank` tells nothing: the recorder of AWS Config leaves the type out"
    );
    assert_eq!(wide.account.as_ref().unwrap().as_str(), ACCOUNT);
}
