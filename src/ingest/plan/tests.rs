use proptest::prelude::*;

use super::read::read_stream;
use super::*;
use crate::ingest::json::{JsonStream, StreamError};
use crate::ingest::test_support::{catalogue, redactor, shown};

fn parse(text: &str) -> Result<Plan, StreamError> {
    read(text.as_bytes(), &catalogue(), &redactor()).map(|(plan, _)| plan)
}

fn refusal(text: &str) -> String {
    shown(&parse(text).unwrap_err())
}

/// A plan with these elements in `resource_changes`.
fn plan_of(resources: &str) -> String {
    format!(r#"{{"format_version":"1.2","resource_changes":[{resources}]}}"#)
}

const QUEUE: &str = r#"{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","change":{"actions":["create"],"after":{"delay_seconds":5},"after_unknown":{"id":true}}}"#;

#[test]
fn reads_what_is_approved() {
    let plan = parse(&plan_of(QUEUE)).unwrap();
    let [queue] = plan.resources.as_slice() else {
        panic!("one resource");
    };
    assert_eq!(queue.action, PlannedAction::Create);
    let texts: Vec<_> = queue.after.stored.iter().map(|value| value.text).collect();
    assert_eq!(texts, ["5"]);
    assert_eq!(queue.after.unknown.len(), 1);
    assert!(queue.before.is_none());
}

#[test]
fn says_what_the_file_is_instead() {
    insta::assert_snapshot!(refusal("Terraform will perform the following actions:"), @r"
    line 1, column 1: this is not JSON
    help: give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal("null"), @"
    line 1, column 1: this is not a plan
    help: give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal("[]"), @r"
    line 1, column 1: this is not a plan
    help: give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal("{}"), @r"
    this is not a plan
    help: give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal(""), @"the file is empty");
    insta::assert_snapshot!(refusal(r#"{"@level":"info","@message":"Terraform 1.11.4"}"#), @r"
    this is the log of a Terraform run (`terraform plan -json`), not a plan
    help: save the plan with `terraform plan -out PLANFILE`, and give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.0","values":{}}"#), @r"
    this is a state, not a plan
    help: name it as `state`, and give the output of `terraform show -json PLANFILE` as `plan`
    ");
}

#[test]
fn refuses_plans_that_do_not_say_all() {
    insta::assert_snapshot!(refusal(r#"{"format_version":"2.0","resource_changes":[]}"#), @r"
    plan format version `2.0` is not known; versions 0.1 to 1.x are
    help: use a driftwarden that knows it
    ");
    insta::assert_snapshot!(refusal(r#"{"resource_changes":[]}"#), @r"
    the plan has no `format_version`
    help: give the output of `terraform show -json PLANFILE`
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","errored":true,"resource_changes":[]}"#), @r"
    the plan is marked `errored`: Terraform could not finish it, so nobody can have approved it
    help: mend what Terraform complained about, and plan again
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","errored":"yes","resource_changes":[]}"#), @"line 1, column 35: `errored` must be true or false");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","complete":false,"resource_changes":[]}"#), @r"
    the plan is marked `complete: false`, so it does not say everything that will be applied
    help: apply it, and plan again until Terraform defers nothing
    ");
    let deferred = r#"[{"reason":"provider_config_unknown","resource_change":{"address":"a.b"}},{"reason":"x"}]"#;
    let plan = format!(
        r#"{{"format_version":"1.2","complete":false,"resource_changes":[],"deferred_changes":{deferred}}}"#
    );
    insta::assert_snapshot!(refusal(&plan), @r"
    the plan is marked `complete: false`, so it does not say everything that will be applied; Terraform deferred `a.b` (`provider_config_unknown`) and 1 more
    help: apply it, and plan again until Terraform defers nothing
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","planned_values":{"root_module":{"child_modules":[{"resources":[{}]}]}}}"#), @r"
    the plan plans 1 resources and does not list them as `resource_changes`
    help: give the output of `terraform show -json PLANFILE`
    ");
}

#[test]
fn refuses_resources_in_doubt() {
    let one = |resource: &str| refusal(&plan_of(resource));
    insta::assert_snapshot!(refusal(&plan_of(&format!("{QUEUE},{QUEUE}"))), @r"
    the address `aws_sqs_queue.q` stands twice in the plan
    help: Terraform writes no such plan: somebody changed it; plan again
    ");
    insta::assert_snapshot!(one("5"), @"line 1, column 45: an object is wanted here");
    insta::assert_snapshot!(one("{}"), @"line 1, column 45: a resource without an `address`");
    insta::assert_snapshot!(one(r#"{"address":5}"#), @"line 1, column 56: `address`: a string is wanted here");
    insta::assert_snapshot!(one(r#"{"address":"a.b"}"#), @"line 1, column 45: `a.b` has no `type`");
    insta::assert_snapshot!(one(r#"{"address":"a.b","type":"a"}"#), @"line 1, column 45: `a.b` has no `change`");
    insta::assert_snapshot!(one(r#"{"address":"a.b","type":"a","change":{}}"#), @"line 1, column 45: `a.b` has no `actions`");
    insta::assert_snapshot!(one(r#"{"address":"a.b","type":"a","change":{"actions":["melt"]}}"#), @"line 1, column 93: `a.b`: `melt` are no known `actions`");
    insta::assert_snapshot!(one(r#"{"address":"a.b","address":"a.c"}"#), @"line 1, column 72: the key `address` stands twice in one object");
    insta::assert_snapshot!(one(&QUEUE.replace(r#""after":"#, r#""after":{},"after":"#)), @"line 1, column 164: `aws_sqs_queue.q`: the key `after` stands twice in one object");
    insta::assert_snapshot!(one(&QUEUE.replace(r#""delay_seconds":5"#, r#""delay_seconds":5,"delay_seconds":6"#)), @"line 1, column 153: `aws_sqs_queue.q`: one of the keys that matter stands twice");
    insta::assert_snapshot!(one(&QUEUE.replace(r#""after":{"delay_seconds":5}"#, r#""after":null"#)), @"line 1, column 45: `aws_sqs_queue.q` has no values `after`, and is not to be deleted");
}

#[test]
fn refuses_values_that_cannot_be_compared_exactly() {
    let with = |value: &str| {
        let values = format!(r#""delay_seconds":{value}"#);
        refusal(&plan_of(&QUEUE.replace(r#""delay_seconds":5"#, &values)))
    };
    insta::assert_snapshot!(with("1e999"), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: a number is out of range");
    insta::assert_snapshot!(with(&"9".repeat(40)), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: a number has more digits than can be compared exactly");
    insta::assert_snapshot!(with(r#""\ud800""#), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: text with half of a surrogate pair");
    insta::assert_snapshot!(with("\"a\0\""), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: text with a control character that is not escaped");
    insta::assert_snapshot!(with(r#"{"a":1,"a":2}"#), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: a key stands twice in one object");
    insta::assert_snapshot!(with("nil"), @"line 1, column 153: `aws_sqs_queue.q`: `/delay_seconds`: malformed JSON");
}

#[test]
fn a_hostile_name_cannot_flood_the_terminal() {
    let address = format!(r"\u001b[2J{}", "x".repeat(10_000));
    let message = refusal(&plan_of(&format!(r#"{{"address":"{address}"}}"#)));
    assert!(
        message.len() < 400 && !message.contains('\u{1b}'),
        "{message}"
    );
}

#[test]
fn every_cut_is_refused() {
    let text = plan_of(QUEUE);
    for end in 0..text.len() {
        let cut = &text.as_bytes()[..end];
        assert!(read(cut, &catalogue(), &redactor()).is_err(), "{end}");
    }
}

#[test]
fn deposed_objects_and_data_sources_are_passed_over() {
    let data = QUEUE.replace("managed", "data");
    let deposed = QUEUE.replace(r#""mode""#, r#""deposed":"12ab34cd","mode""#);
    let plan = parse(&plan_of(&format!("{QUEUE},{data},{deposed}"))).unwrap();
    assert_eq!(plan.resources.len(), 1);
}

/// Elements of `resource_changes` as Terraform writes them, with values of any kind.
fn resource() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
        "[ -~é\u{1F600}]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#"{"a":["é",{}],"b":"\\\""}"#.to_owned()),
    ];
    let action = prop::sample::select(vec![
        r#"["create"]"#,
        r#"["no-op"]"#,
        r#"["update"]"#,
        r#"["delete","create"]"#,
    ]);
    let type_name = prop::sample::select(vec!["aws_sqs_queue", "aws_db_instance", "other_thing"]);
    (value, action, type_name, 0u32..1_000_000).prop_map(|(value, action, type_name, number)| {
        format!(
            r#"{{ "address":"{type_name}.r[{number}]", "mode":"managed","type":"{type_name}",
              "change":{{"actions":{action},"before":{{"port":1}},"after":{{"delay_seconds":{value},"port":{value},
              "username":"admin"}},"after_unknown":{{"id":true}},"after_sensitive":{{"username":true}}}}}}"#
        )
    })
}

fn any_plan() -> impl Strategy<Value = String> {
    prop::collection::vec(resource(), 0..6).prop_map(|resources| {
        let resources = resources.join(",\n");
        format!(
            r#"{{"format_version":"1.2","planned_values":{{"x":["é\"]"]}},"resource_changes":[{resources}],"timestamp":"2026-11-01T20:00:00Z"}}"#
        )
    })
}

proptest! {
    #[test]
    fn any_chunk_gives_the_same_plan(text in any_plan(), chunk in 1usize..200) {
        let (catalogue, redactor) = (catalogue(), redactor());
        let whole = read(text.as_bytes(), &catalogue, &redactor).map(|(plan, _)| format!("{plan:?}"));
        let stream = JsonStream::with_chunk(text.as_bytes(), chunk);
        let cut = read_stream(stream, &catalogue, &redactor).map(|(plan, _)| format!("{plan:?}"));
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => prop_assert_eq!(whole, cut),
            (Err(whole), Err(cut)) => prop_assert_eq!(shown(&whole), shown(&cut)),
            (whole, cut) => prop_assert!(false, "{:?} but {:?}", whole.is_ok(), cut.is_ok()),
        }
    }

    #[test]
    fn mutated_plans_never_panic(
        text in any_plan(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        splice in any::<prop::sample::Index>(),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (cut, from) = (cut.index(bytes.len()), splice.index(bytes.len()));
        let (cut, from) = (cut.max(from), cut.min(from));
        let _ = read(&bytes[..cut], &catalogue(), &redactor());
        let spliced = [&bytes[..from], &bytes[cut..]].concat();
        let _ = read(&spliced[..], &catalogue(), &redactor());
        let _ = read(&bytes[..], &catalogue(), &redactor());
    }
}
