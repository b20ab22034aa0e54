//! Trap 12, and what is read of plans and states.

use std::collections::BTreeMap;

use super::*;

const PLAN: &str = r#"{
  "format_version": "1.2", "terraform_version": "1.11.4",
  "variables": {"region": {"value": "eu-west-1"}},
  "resource_changes": [
    {"address": "module.m[0].aws_a.b", "mode": "managed", "type": "aws_a", "provider_name": "r/h/aws",
     "change": {"actions": ["create"], "after": {"x": 1}, "after_unknown": {}, "after_sensitive": {"p": true}}},
    {"address": "aws_gone.c", "mode": "managed", "type": "aws_gone",
     "change": {"actions": ["delete"], "after": null}},
    {"address": "data.aws_d.e", "mode": "data", "type": "aws_d", "change": {"after": {}}}
  ],
  "configuration": {
    "provider_config": {
      "aws": {"full_name": "r/h/aws", "expressions": {
        "region": {"references": ["var.region"]},
        "path_style": {"constant_value": true},
        "default_tags": [{"tags": {"references": ["local.tags"]}}]}}
    },
    "root_module": {
      "module_calls": {"m": {"module": {"resources": [
        {"address": "aws_a.b", "mode": "managed", "type": "aws_a", "name": "b",
         "provider_config_key": "m:aws", "expressions": {"x": {"constant_value": 1}}}]}}}
    }
  }
}"#;

#[test]
fn trap_12_a_provider_is_configured_by_constants_and_variables_or_by_the_operator() {
    let plan = read_plan(PLAN.as_bytes(), &|_| true).unwrap();
    let tags = block(&[("tags", r#"["map","string"]"#, "o")], &[]);
    let schema = Schema::new(
        0,
        block(
            &[
                ("region", r#""string""#, "o"),
                ("path_style", r#""bool""#, "o"),
                ("profile", r#""string""#, "o"),
            ],
            &[("default_tags", Nesting::List, tags)],
        ),
    );
    let none = BTreeMap::new();
    let error = provider_config(&schema, &plan, "aws", &none).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the plan does not tell `default_tags.tags` of provider configuration `aws`: it is made of \
         other things than constants and variables"
    );
    let given = BTreeMap::from([(
        "default_tags".to_owned(),
        Box::<str>::from(r#"[{"tags":{"a":"b"}}]"#),
    )]);
    let config = provider_config(&schema, &plan, "aws", &given).unwrap();
    assert_eq!(
        json::write(&config),
        r#"{"default_tags":[{"tags":{"a":"b"}}],"path_style":true,"profile":null,"region":"eu-west-1"}"#
    );
}

#[test]
fn a_plan_gives_what_exact_reading_needs() {
    let plan = read_plan(PLAN.as_bytes(), &|_| true).unwrap();
    let kept: Vec<&String> = plan.resources.keys().collect();
    assert_eq!(kept, ["module.m[0].aws_a.b"]);
    let one = &plan.resources["module.m[0].aws_a.b"];
    assert!(one.is_create);
    assert_eq!(marked_names(&one.after_sensitive), ["p"]);
    let written = plan.written("module.m[0].aws_a.b");
    assert_eq!(written, Some((r#"{"x": {"constant_value": 1}}"#, "m:aws")));
    assert!(matches!(
        read_plan(&b"{}"[..], &|_| true),
        Err(PlanFault::NoPlan)
    ));
    assert!(read_plan(&b"[]"[..], &|_| true).is_err());
}

#[test]
fn a_state_gives_private_bytes_and_the_version_of_its_schema() {
    let file = r#"{"version":4,"resources":[
      {"module":"module.m","mode":"managed","type":"aws_a","name":"b","instances":[
        {"index_key":"k","schema_version":2,"attributes":{"x":1},"private":"YWJj",
         "sensitive_attributes":[[{"type":"get_attr","value":"p"}]]},
        {"index_key":"old","deposed":"1234","attributes":{"x":0}}]},
      {"mode":"data","type":"aws_d","name":"e","instances":[{"attributes":{}}]}]}"#;
    let states = read_state(file).unwrap();
    assert_eq!(states.len(), 1);
    let one = &states[r#"module.m.aws_a.b["k"]"#];
    assert_eq!((one.schema_version, &one.private[..]), (2, &b"abc"[..]));
    assert_eq!(one.sensitive, ["p"]);
    let shown = r#"{"format_version":"1.0","values":{"root_module":{"child_modules":[{"resources":[
      {"address":"module.m.aws_a.b","mode":"managed","type":"aws_a","schema_version":1,
       "values":{"x":1},"sensitive_values":{"p":true,"q":{}}}]}]}}}"#;
    let states = read_state(shown).unwrap();
    let one = &states["module.m.aws_a.b"];
    assert_eq!((one.schema_version, &*one.attributes), (1, r#"{"x":1}"#));
    assert_eq!(one.sensitive, ["p"]);
    assert_eq!(read_state(r#"{"version":3}"#), Err(StateFault::Unknown));
    assert_eq!(read_state("nonsense"), Err(StateFault::Unreadable));
}
