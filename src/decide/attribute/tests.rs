mod actors;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{Actor, DeviationKind, Fidelity, Means, Person, PersonId, PersonKind, Value};

const SG: &str = "sg-0123456789abcdef0";
const DEPLOY: &str = "arn:aws:iam::111122223333:role/deploy";

fn time(text: &str) -> Timestamp {
    format!("2026-11-01T{text}Z").parse().unwrap()
}

fn call(call: &str, at: &str, subjects: &[&str]) -> Activity {
    Activity {
        event_id: format!("{call} {at}"),
        at: time(at),
        call: call.to_owned(),
        actor: Actor {
            identity: "arn:aws:iam::111122223333:user/maria".to_owned(),
            aliases: vec!["maria".to_owned()],
            means: Means::Console,
            source_ip: "203.0.113.9".parse().ok(),
            source_host: None,
            user_agent: Some("HashiCorp/1.0 Terraform/1.11.4".to_owned()),
        },
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        subjects: subjects.iter().map(ToString::to_string).collect(),
        succeeded: true,
    }
}

fn deviation(type_name: &str, id: &str, attribute: Option<&str>) -> Deviation {
    let kind = if attribute.is_some() {
        DeviationKind::Changed
    } else {
        DeviationKind::Missing
    };
    Deviation {
        kind,
        workspace: None,
        address: None,
        type_name: type_name.into(),
        provider_id: Some(id.into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        attribute: attribute.map(Into::into),
        approved: Value::Null,
        live: Value::Null,
        fidelity: Fidelity::Mapped,
        observed_at: Some(time("10:00:00")),
        tags: BTreeMap::new(),
        subjects: Vec::new(),
        source: None,
        within: None,
        pending: Vec::new(),
        earlier: Vec::new(),
        notes: Vec::new(),
    }
}

fn ingress() -> Deviation {
    deviation("aws_security_group", SG, Some("/ingress"))
}

fn opened(at: &str) -> Activity {
    call("ec2:AuthorizeSecurityGroupIngress", at, &[SG, "sgr-1"])
}

fn attribute(activities: Vec<Activity>, deviation: &Deviation) -> Option<Attribution> {
    ActivityIndex::new(activities, &Allowed::default(), None).attribute(deviation)
}

fn outcome(activities: Vec<Activity>, deviation: &Deviation) -> Option<(String, Confidence)> {
    attribute(activities, deviation).map(|found| (found.event_id, found.confidence))
}

#[test]
fn a_change_by_hand_is_told_with_who_when_where_and_how() {
    let found = attribute(vec![opened("09:14:00")], &ingress()).unwrap();
    let expected = Attribution {
        actor: "arn:aws:iam::111122223333:user/maria".to_owned(),
        aliases: vec!["maria".to_owned()],
        person: None,
        at: time("09:14:00"),
        from: Some("203.0.113.9".to_owned()),
        means: Means::Console,
        call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        event_id: "ec2:AuthorizeSecurityGroupIngress 09:14:00".to_owned(),
        confidence: Confidence::High,
    };
    assert_eq!(found, expected);
}

#[test]
fn the_newest_fitting_call_before_the_observation_wins() {
    let calls = vec![
        opened("08:00:00"),
        opened("09:00:00"),
        opened("11:00:00"),
        call("ec2:CreateTags", "09:30:00", &[SG]),
    ];
    let found = attribute(calls, &ingress()).unwrap();
    assert_eq!(found.at, time("09:00:00"));
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    assert!(attribute(vec![opened("10:01:00")], &ingress()).is_some());
    assert_eq!(attribute(vec![opened("10:01:01")], &ingress()), None);
    let undated = Deviation {
        observed_at: None,
        ..ingress()
    };
    assert!(attribute(vec![opened("23:00:00")], &undated).is_some());
}

#[test]
fn near_misses_accuse_nobody() {
    let other = |change: fn(&mut Activity)| {
        let mut activity = opened("09:00:00");
        change(&mut activity);
        attribute(vec![activity], &ingress())
    };
    assert_eq!(other(|a| a.succeeded = false), None);
    assert_eq!(other(|a| a.account = Some("444455556666".into())), None);
    assert_eq!(
        other(|a| a.subjects = vec!["sg-0123456789abcdef1".to_owned()]),
        None
    );
    assert_eq!(other(|a| a.subjects.clear()), None);
    assert_eq!(
        other(|a| a.call = "ec2:AuthorizeSecurityGroupEgress".to_owned()),
        None
    );
    assert_eq!(other(|a| a.call = "ec2:RunInstances".to_owned()), None);
    assert_eq!(
        other(|a| a.call = "lambda:CreateFunction20150331".to_owned()),
        None
    );
    assert!(other(|a| a.account = None).is_some());
    let plan = Deviation {
        kind: DeviationKind::PlanTampered,
        ..ingress()
    };
    assert_eq!(attribute(vec![opened("09:00:00")], &plan), None);
}

#[test]
fn a_name_counts_in_its_own_account_and_region_only() {
    let timeout = deviation("aws_lambda_function", "authorise", Some("/timeout"));
    let update = |region: &str, subject: &str| {
        let mut activity = call(
            "lambda:UpdateFunctionConfiguration20150331v2",
            "09:00:00",
            &[subject],
        );
        activity.region = Some(region.into());
        outcome(vec![activity], &timeout).map(|(_, confidence)| confidence)
    };
    assert_eq!(update("eu-west-1", "authorise"), Some(Confidence::High));
    assert_eq!(update("us-east-1", "authorise"), None);
    let role = deviation("aws_iam_role", "auditor", Some("/assume_role_policy"));
    let mut global = call("iam:UpdateAssumeRolePolicy", "09:00:00", &["auditor"]);
    global.region = Some("us-east-1".into());
    assert!(
        attribute(vec![global.clone()], &role).is_some(),
        "iam is in no Region"
    );
    global.account = None;
    assert_eq!(
        outcome(vec![global], &role).map(|found| found.1),
        Some(Confidence::Medium),
        "the account is not known: there may be another role of the name"
    );
}

#[test]
fn other_forms_of_a_name_are_the_same_name() {
    let arn = "arn:aws:sqs:eu-west-1:111122223333:captures";
    let mut queue = deviation("aws_sqs_queue", arn, Some("/policy"));
    let url = "https://sqs.eu-west-1.amazonaws.com/111122223333/captures";
    let set = call("sqs:SetQueueAttributes", "09:00:00", &[url]);
    assert_eq!(
        outcome(vec![set], &queue).map(|found| found.1),
        Some(Confidence::High)
    );
    queue.provider_id = Some(url.into());
    let set = call("sqs:SetQueueAttributes", "09:00:00", &[arn]);
    assert_eq!(
        outcome(vec![set], &queue).map(|found| found.1),
        Some(Confidence::High)
    );

    let bucket = deviation("aws_s3_bucket_policy", "ledger", Some("/policy"));
    let put = call("s3:PutBucketPolicy", "09:00:00", &["arn:aws:s3:::ledger"]);
    assert_eq!(
        outcome(vec![put], &bucket).map(|found| found.1),
        Some(Confidence::High)
    );
}

#[test]
fn confidence_falls_when_only_the_resource_matches() {
    let mut job = deviation("aws_glue_job", "nightly", Some("/role_arn"));
    let update = |at: &str| call("glue:UpdateJob", at, &["nightly"]);
    let one = vec![update("09:00:00")];
    assert_eq!(
        outcome(one, &job).map(|found| found.1),
        Some(Confidence::Medium)
    );
    let two = vec![update("08:00:00"), update("09:00:00")];
    let newest = Some(("glue:UpdateJob 09:00:00".to_owned(), Confidence::Low));
    assert_eq!(outcome(two, &job), newest);
    job.type_name = "aws_oddity".into();
    let strange = vec![update("09:00:00")];
    assert_eq!(
        outcome(strange, &job).map(|found| found.1),
        Some(Confidence::Low)
    );
}

#[test]
fn a_name_shared_by_many_does_not_beat_an_id() {
    let mut group = ingress();
    group.subjects = vec!["default".to_owned()];
    let by_id = opened("08:00:00");
    let by_name = call(
        "ec2:AuthorizeSecurityGroupIngress",
        "09:00:00",
        &["default"],
    );
    let found = attribute(vec![by_id, by_name.clone()], &group).unwrap();
    assert_eq!(
        (found.at, found.confidence),
        (time("08:00:00"), Confidence::High)
    );
    let alone = outcome(vec![by_name], &group).map(|found| found.1);
    assert_eq!(alone, Some(Confidence::Medium));
}

#[test]
fn an_attachment_needs_both_of_its_ends() {
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let mut attached = deviation("aws_iam_role_policy_attachment", "", None);
    attached.kind = DeviationKind::Unmanaged;
    attached.provider_id = Some(format!("auditor/{policy}").into());
    let attach = |at, policy| call("iam:AttachRolePolicy", at, &["auditor", policy]);
    let other = attach("09:30:00", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let found = outcome(vec![attach("09:00:00", policy), other.clone()], &attached);
    assert_eq!(
        found,
        Some(("iam:AttachRolePolicy 09:00:00".to_owned(), Confidence::High))
    );
    let only_other = outcome(vec![other], &attached).map(|found| found.1);
    assert_eq!(only_other, Some(Confidence::Low));
}

#[test]
fn missing_and_unmanaged_resources_have_calls_of_their_own() {
    let gone = deviation("aws_dynamodb_table", "idempotency", None);
    let made = Deviation {
        kind: DeviationKind::Unmanaged,
        ..gone.clone()
    };
    let calls = || {
        vec![
            call("dynamodb:CreateTable", "08:00:00", &["idempotency"]),
            call("dynamodb:UpdateTable", "08:30:00", &["idempotency"]),
            call("dynamodb:DeleteTable", "09:00:00", &["idempotency"]),
        ]
    };
    assert_eq!(
        attribute(calls(), &gone).unwrap().call,
        "dynamodb:DeleteTable"
    );
    assert_eq!(
        attribute(calls(), &made).unwrap().call,
        "dynamodb:CreateTable"
    );
}

fn any_activity() -> impl Strategy<Value = Activity> {
    let calls = prop::sample::select(vec![
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:DeleteSecurityGroup",
        "glue:UpdateJob",
        "nonsense",
        "",
    ]);
    let subjects = prop::sample::subsequence(vec![SG, "default", "sgr-1", "other"], 0..4);
    (
        calls,
        0_u8..12,
        subjects,
        any::<(bool, bool, bool)>(),
        0_u8..3,
    )
        .prop_map(|(name, minute, subjects, (succeeded, known, here), id)| {
            let mut activity = call(name, &format!("09:{minute:02}:00"), &subjects);
            activity.event_id = format!("e{id}");
            activity.succeeded = succeeded;
            activity.account = known.then(|| if here { "111122223333" } else { "4" }.into());
            activity.actor.identity = format!("who{id}");
            activity
        })
}

proptest! {
    #[test]
    fn order_and_repetition_never_matter(
        activities in proptest::collection::vec(any_activity(), 0..12),
        turn in 0_usize..12,
    ) {
        let mut group = ingress();
        group.subjects = vec!["default".to_owned()];
        let expected = attribute(activities.clone(), &group);
        let mut other: Vec<Activity> = activities.iter().rev().cloned().collect();
        other.rotate_left(turn % activities.len().max(1));
        other.extend(activities);
        prop_assert_eq!(attribute(other, &group), expected);
    }

    #[test]
    fn whoever_is_named_can_have_done_it(
        activities in proptest::collection::vec(any_activity(), 0..12),
    ) {
        if let Some(found) = attribute(activities.clone(), &ingress()) {
            prop_assert!(found.at <= time("10:01:00"));
            let could = |a: &Activity| a.succeeded
                && a.event_id == found.event_id
                && a.subjects.iter().any(|subject| subject == SG)
                && a.account.as_ref().is_none_or(|account| account.as_str() == "111122223333");
            prop_assert!(activities.iter().any(could));
        }
    }

    #[test]
    fn any_text_is_taken(call_name in any::<String>(), subject in any::<String>(), id in any::<String>()) {
        let group = deviation("aws_security_group", &id, Some("/ingress"));
        let _ = attribute(vec![call(&call_name, "09:00:00", &[&subject, &id])], &group);
    }
}
