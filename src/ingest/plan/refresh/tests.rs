use super::*;
use crate::ingest::json::StreamError;
use crate::ingest::test_support::{catalogue, redactor, shown};

fn parse(text: &str) -> Result<Refresh, StreamError> {
    read(text.as_bytes(), &catalogue(), &redactor()).map(|(refresh, _)| refresh)
}

fn refusal(text: &str) -> String {
    shown(&parse(text).unwrap_err())
}

/// A refresh with these members beside its head.
fn refresh(members: &str) -> String {
    format!(r#"{{"format_version":"1.2","planned_values":{{"root_module":{{}}}}{members}}}"#)
}

fn change(address: &str, rest: &str) -> String {
    format!(r#"{{"address":"{address}","mode":"managed","type":"local_file",{rest}}}"#)
}

#[test]
fn what_is_there_and_what_drifted() {
    let drift = change(
        "local_file.a[0]",
        r#""previous_address":"local_file.old","change":{"actions":["update"],
           "before":{"id":"1","content":"a","secret":"old","tags":null},
           "after":{"id":"1","content":"b","secret":"new","tags":{}},
           "before_sensitive":{},"after_sensitive":{"secret":true}}"#,
    );
    let gone = change(
        "local_file.gone",
        r#""change":{"actions":["delete"],"before":{"id":"2"},"after":null}"#,
    );
    let deposed = change(
        "local_file.gone",
        r#""deposed":"ab","change":{"actions":["delete"],"before":{},"after":null}"#,
    );
    let text = refresh(&format!(
        r#","resource_drift":[{drift},{gone},{deposed}],
        "prior_state":{{"values":{{"root_module":{{"resources":[
            {{"address":"local_file.a[0]","mode":"managed","type":"local_file",
              "values":{{"id":"1","content":"b","secret":"new"}},"sensitive_values":{{"secret":true}}}},
            {{"address":"data.x.y","mode":"data","type":"x","values":{{}}}}],
          "child_modules":[{{"resources":[{{"address":"module.m.aws_sqs_queue.q","type":"aws_sqs_queue",
              "values":{{"id":"u","delay_seconds":5,"policy":"p"}}}}]}}]}}}}}},
        "configuration":{{"root_module":{{
            "resources":[{{"address":"local_file.a","expressions":{{"content":{{}}}}}}],
            "module_calls":{{"m":{{"module":{{"resources":[
                {{"address":"aws_sqs_queue.q","expressions":{{"delay_seconds":{{}}}}}}]}}}}}}}}}}"#
    ));
    let refresh = parse(&text).unwrap();
    assert_eq!(refresh.address("local_file.old"), "local_file.a[0]");
    assert_eq!(refresh.address("local_file.none"), "local_file.none");
    assert_eq!(refresh.drift.get("local_file.gone"), Some(&Drift::Gone));
    let Some(Drift::Changed(moved)) = refresh.drift.get("local_file.a[0]") else {
        panic!("no drift: {:?}", refresh.drift);
    };
    let names: Vec<&str> = moved.keys().map(|name| &**name).collect();
    // A map that is there and empty is told; whether that is a difference is not for the reader.
    assert_eq!(names, ["content", "secret", "tags"]);
    assert!(
        matches!(&moved["secret"], (Value::Sensitive(one), Value::Sensitive(other)) if one != other)
    );
    let file = &refresh.resources["local_file.a[0]"];
    assert!(file.mapped.is_none());
    assert_eq!(
        file.values["secret"], moved["secret"].1,
        "one secret has one digest"
    );
    let queue = &refresh.resources["module.m.aws_sqs_queue.q"];
    assert!(queue.mapped.is_some());
    let kept: Vec<&str> = queue.values.keys().map(|name| &**name).collect();
    assert_eq!(kept, ["id"]);
    assert!(refresh.writes("local_file.a[\"x.y]\"]", "content"));
    assert!(!refresh.writes("local_file.a[0]", "id"));
    assert!(refresh.writes("module.m.aws_sqs_queue.q", "delay_seconds"));
}

#[test]
fn an_approved_value_is_known_and_a_secret_is_a_digest() {
    let values = approved_values(
        "local_file",
        r#"{"content":"a","id":null,"login":[{"user":"u","password":"p"}]}"#,
        r#"{"id":true}"#,
        &[r#"{"login":[{"password":true}]}"#, "false"],
        &redactor(),
    );
    let values = values.unwrap();
    assert_eq!(values.get("content"), Some(&Value::from("a")));
    assert_eq!(values.get("id"), None);
    assert!(matches!(values.get("login"), Some(Value::Sensitive(_))));
}

#[test]
fn what_is_no_refresh_is_refused() {
    insta::assert_snapshot!(refusal("Error: no"), @r"
    line 1, column 1: this is no plan
    help: it must be a plan that only refreshes, as `show -json` gives it
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.0","values":{}}"#), @r"
    this is no plan
    help: it must be a plan that only refreshes, as `show -json` gives it
    ");
    insta::assert_snapshot!(refusal(&refresh(r#","errored":true"#)), @r"
    the plan is marked `errored`
    help: it must be a plan that only refreshes, as `show -json` gives it
    ");
    insta::assert_snapshot!(refusal(&refresh(r#","complete":false"#)), @r"
    the plan is marked `complete: false`
    help: it must be a plan that only refreshes, as `show -json` gives it
    ");
    let update = change(
        "a.b",
        r#""change":{"actions":["update"],"before":{},"after":{}}"#,
    );
    let changes = refusal(&refresh(&format!(r#","resource_changes":[{update}]"#)));
    insta::assert_snapshot!(changes, @r"
    line 1, column 81: the plan would update `a.b`
    help: it must be a plan that only refreshes, as `show -json` gives it
    ");
    let twice = refresh(&format!(r#","resource_drift":[{update},{update}]"#));
    assert!(refusal(&twice).contains("stands twice"));
    let create = update.replace("update", "create");
    assert!(
        refusal(&refresh(&format!(r#","resource_drift":[{create}]"#))).contains("cannot drift")
    );
    let whole = refresh(r#","resource_drift":[]"#);
    let half = whole.strip_suffix("]}").unwrap();
    assert!(parse(half).is_err());
}
