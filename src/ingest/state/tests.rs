use proptest::prelude::*;

use super::read::read_stream;
use super::*;
use crate::ingest::json::{JsonStream, StreamError};
use crate::ingest::test_support::{catalogue, redactor, shown};

fn parse(text: &str) -> Result<State, StreamError> {
    read(text.as_bytes(), &catalogue(), &redactor()).map(|(state, _)| state)
}

fn refusal(text: &str) -> String {
    shown(&parse(text).unwrap_err())
}

fn addresses(text: &str) -> Vec<String> {
    let state = parse(text).unwrap();
    state.resources.keys().map(|key| key.to_string()).collect()
}

/// A state file with these `resources`.
fn file_of(resources: &str) -> String {
    format!(
        r#"{{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"ab","resources":[{resources}]}}"#
    )
}

#[test]
fn both_forms_give_the_same_addresses() {
    let file = file_of(
        r#"{"module":"module.m[0]","mode":"managed","type":"aws_sqs_queue","name":"q","instances":[
             {"index_key":"a\u0026b","attributes":{"delay_seconds":5}},{"index_key":1,"attributes":{}},
             {"deposed":"12ab34cd","attributes":{}}]},
           {"mode":"data","type":"aws_region","name":"r","instances":[{"attributes":{}}]},
           {"mode":"managed","type":"other","name":"o","instances":[{"attributes":{}}]}"#,
    );
    let shown = r#"{"format_version":"1.0","values":{"root_module":{
        "resources":[{"address":"other.o","mode":"managed","type":"other","values":{}},
                     {"address":"data.aws_region.r","mode":"data","type":"aws_region","values":{}}],
        "child_modules":[{"resources":[
            {"address":"module.m[0].aws_sqs_queue.q[\"a&b\"]","type":"aws_sqs_queue","index":"a&b","values":{"delay_seconds":5}},
            {"address":"module.m[0].aws_sqs_queue.q[1]","type":"aws_sqs_queue","index":1,"values":{}}],
          "address":"module.m[0]"}]}}}"#;
    let expected = [
        r#"module.m[0].aws_sqs_queue.q["a&b"]"#,
        "module.m[0].aws_sqs_queue.q[1]",
        "other.o",
    ];
    assert_eq!(addresses(&file), expected);
    assert_eq!(addresses(shown), expected);
    assert_eq!(parse(&file).unwrap().serial, Some(7));
}

#[test]
fn terraform_0_12_left_module_and_key_out_of_addresses() {
    let shown = r#"{"format_version":"0.1","values":{"root_module":{
        "resources":[{"address":"a.b","type":"a","index":0},{"address":"a.b","type":"a","index":1}],
        "child_modules":[{"resources":[{"address":"a.b","type":"a"}],"address":"module.m"}]}}}"#;
    assert_eq!(addresses(shown), ["a.b[0]", "a.b[1]", "module.m.a.b"]);
}

#[test]
fn empty_states_are_states() {
    assert!(addresses(r#"{"format_version":"1.0"}"#).is_empty());
    assert!(addresses(r#"{"format_version":"1.0","values":null}"#).is_empty());
    assert!(addresses(&file_of("")).is_empty());
}

#[test]
fn says_what_the_file_is_instead() {
    insta::assert_snapshot!(refusal("# aws_sqs_queue.q:"), @r"
    line 1, column 1: this is not JSON
    help: give the state file, or the output of `terraform show -json`
    ");
    insta::assert_snapshot!(refusal("[]"), @r"
    line 1, column 1: this is not a state
    help: give the state file, or the output of `terraform show -json`
    ");
    insta::assert_snapshot!(refusal("{}"), @r"
    this is not a state
    help: give the state file, or the output of `terraform show -json`
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","resource_changes":[]}"#), @r"
    this is a plan, not a state
    help: name it as `plan`; as `state`, give the output of `terraform show -json` after the apply, or the state file
    ");
    insta::assert_snapshot!(refusal(r#"{"version":3,"modules":[]}"#), @r"
    state version 3 is older than Terraform 0.12
    help: run `terraform state pull` with a newer Terraform, and give what it writes
    ");
    insta::assert_snapshot!(refusal(r#"{"version":5}"#), @r"
    state version `5` is not known; version 4 is
    help: use a driftwarden that knows it, or give the output of `terraform show -json`
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"2.0"}"#), @r"
    state format version `2.0` is not known; versions 0.1 to 1.x are
    help: use a driftwarden that knows it, or give the state file
    ");
}

#[test]
fn refuses_resources_in_doubt() {
    let one = |resource: &str| refusal(&file_of(resource));
    let queue = r#"{"type":"aws_sqs_queue","name":"q","instances":[{"attributes":{}}]}"#;
    insta::assert_snapshot!(one(&format!("{queue},{queue}")), @"line 1, column 198: the address `aws_sqs_queue.q` stands twice in the state");
    insta::assert_snapshot!(one("{}"), @"line 1, column 82: a resource without a `type`");
    insta::assert_snapshot!(one(r#"{"type":7}"#), @"line 1, column 90: `type`: a string is wanted here");
    insta::assert_snapshot!(one(r#"{"type":"a","name":"b","instances":{}}"#), @"line 1, column 117: an array is wanted here");
    insta::assert_snapshot!(one(&queue.replace("{}", r#"{},"index_key":{}"#)), @"line 1, column 130: `index_key` must be a text or a whole number");
    insta::assert_snapshot!(one(&queue.replace("{}", r#"{},"sensitive_attributes":{"password":true}"#)), @"line 1, column 130: an array is wanted here");
    insta::assert_snapshot!(refusal(r#"{"version":4,"serial":"x"}"#), @"line 1, column 23: `serial` must be a whole number");
}

#[test]
fn modules_within_modules_overflow_no_stack() {
    for depth in [5_000, 100_000] {
        let text = format!(
            r#"{{"format_version":"1.0","values":{{"root_module":{}"#,
            r#"{"child_modules":["#.repeat(depth)
        );
        assert!(refusal(&text).contains("nested more than 120 deep"));
    }
}

fn any_state() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["5", "null", "\"é\"", r#"{"a":["\"]"]}"#, "true"]);
    let name = prop::sample::select(vec!["a", "b", "c", "d"]);
    let resource = (name, value).prop_map(|(name, value)| {
        format!(
            r#"{{"mode":"managed","type":"aws_sqs_queue","name":"{name}","instances":[{{"index_key":"é","attributes":
            {{"delay_seconds":{value}}},"sensitive_attributes":[[{{"type":"get_attr","value":"policy"}}]]}}]}}"#
        )
    });
    prop::collection::vec(resource, 0..4).prop_map(|resources| file_of(&resources.join(",")))
}

proptest! {
    #[test]
    fn any_chunk_gives_the_same_state(text in any_state(), chunk in 1usize..200) {
        let (catalogue, redactor) = (catalogue(), redactor());
        let whole = read(text.as_bytes(), &catalogue, &redactor).map(|(state, _)| format!("{state:?}"));
        let stream = JsonStream::with_chunk(text.as_bytes(), chunk);
        let cut = read_stream(stream, &catalogue, &redactor).map(|(state, _)| format!("{state:?}"));
        prop_assert_eq!(whole.map_err(|e| shown(&e)), cut.map_err(|e| shown(&e)));
    }

    #[test]
    fn mutated_states_never_panic(
        text in any_state(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes[..], &catalogue(), &redactor());
        let _ = read(&bytes[..cut.index(bytes.len())], &catalogue(), &redactor());
    }
}
