//! The traps of exact reading, each as a test. Numbers are those of docs/providers.md.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::ingest::terraform_source::Ignore;
use crate::model::AttributePath;
use crate::provider::cty::{Name, Type, Value};
use crate::provider::json::{self, Objects};
use crate::provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Schema};

/// Flags: r(equired), o(ptional), c(omputed), s(ensitive), w(rite-only).
fn attribute(own: &str, flags: &str) -> Attribute {
    Attribute {
        kind: AttributeKind::Plain(Type::parse(own.as_bytes()).unwrap()),
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
    }
}

fn block(attributes: &[(&str, &str, &str)], blocks: &[(&str, Nesting, Block)]) -> Block {
    let attributes = attributes.iter();
    let attributes =
        attributes.map(|(name, own, flags)| (Name::from(*name), attribute(own, flags)));
    let blocks = blocks.iter().map(|(name, nesting, inner)| {
        let nested = NestedBlock {
            nesting: *nesting,
            block: inner.clone(),
            min_items: 0,
            max_items: 0,
        };
        (Name::from(*name), nested)
    });
    Block {
        attributes: attributes.collect(),
        blocks: blocks.collect(),
    }
}

/// A machine: what a bucket, an instance and a security group have of each kind.
fn machine() -> Schema {
    let rule = block(
        &[
            ("port", r#""number""#, "r"),
            ("note", r#""string""#, "o"),
            ("rule_id", r#""string""#, "c"),
        ],
        &[],
    );
    let version = block(&[("enabled", r#""bool""#, "oc")], &[]);
    Schema::new(
        0,
        block(
            &[
                ("id", r#""string""#, "c"),
                ("name", r#""string""#, "r"),
                ("user_data", r#""string""#, "o"),
                ("zone", r#""string""#, "oc"),
                ("peers", r#"["list","string"]"#, "o"),
                ("policies", r#"["set","string"]"#, "oc"),
                ("password", r#""string""#, "os"),
                ("token", r#""string""#, "ow"),
            ],
            &[
                ("rule", Nesting::Set, rule),
                ("versioning", Nesting::List, version),
            ],
        ),
    )
}

fn value(schema: &Schema, text: &str) -> Value {
    let mut value = json::read(text, &schema.value_type, Objects::Lenient).unwrap();
    let Value::Object(all) = &mut value else {
        panic!("an object");
    };
    for (name, nested) in &schema.block.blocks {
        if all.get(name).unwrap().is_null() {
            all.insert(Name::clone(name), proposed::none_of(nested));
        }
    }
    value
}

struct Case<'a> {
    after: &'a str,
    unknown: &'a str,
    is_create: bool,
    expressions: &'a str,
    state: &'a str,
    dynamic: Option<&'a [&'a str]>,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            after: "{}",
            unknown: "{}",
            is_create: true,
            expressions: "{}",
            state: "{}",
            dynamic: Some(&[]),
        }
    }
}

impl Case<'_> {
    fn reconstruct(&self) -> Reconstructed {
        let schema = machine();
        let state = value(&schema, self.state);
        let dynamic = self.dynamic.map(|names| {
            let names = names.iter();
            names.map(ToString::to_string).collect::<BTreeSet<_>>()
        });
        let approved = Approved {
            after: self.after,
            after_unknown: self.unknown,
            is_create: self.is_create,
            expressions: self.expressions,
            state: &state,
            dynamic: dynamic.as_ref(),
        };
        reconstruct(&schema, &approved).unwrap()
    }

    fn at(&self, name: &str) -> String {
        json::write(self.reconstruct().config.get(name).unwrap())
    }
}

const REFERENCE: &str = r#"{"references":["aws_vpc.a.id","aws_vpc.a"]}"#;

#[test]
fn trap_1_a_constant_counts_as_it_was_written() {
    let written = Case {
        after: r#"{"user_data":"5d3f7a"}"#,
        expressions: r##"{"user_data":{"constant_value":"#!/bin/sh"}}"##,
        ..Case::default()
    };
    assert_eq!(written.at("user_data"), r##""#!/bin/sh""##);
    let referred = format!(r#"{{"user_data":{REFERENCE}}}"#);
    let by_reference = Case {
        expressions: &referred,
        ..written
    };
    assert_eq!(by_reference.at("user_data"), r#""5d3f7a""#);
}

#[test]
fn trap_2_a_block_that_the_provider_fills_in_was_not_written() {
    let update = Case {
        after: r#"{"zone":"a","versioning":[{"enabled":false}],"policies":["p"]}"#,
        is_create: false,
        ..Case::default()
    };
    assert_eq!(update.at("versioning"), "[]");
    assert_eq!(update.at("zone"), "null");
    assert_eq!(update.at("policies"), "null");
    let written = Case {
        expressions: r#"{"versioning":[{"enabled":{"constant_value":false}}]}"#,
        ..update
    };
    assert_eq!(written.at("versioning"), r#"[{"enabled":false}]"#);
}

#[test]
fn trap_3_dynamic_blocks_are_in_no_expression() {
    let after = r#"{"rule":[{"port":22,"note":null,"rule_id":"r-1"}]}"#;
    let created = Case {
        after,
        dynamic: None,
        ..Case::default()
    };
    // What a plan that creates knows is its author's; what is computed is not.
    assert_eq!(
        created.at("rule"),
        r#"[{"note":null,"port":22,"rule_id":null}]"#
    );
    assert_eq!(created.reconstruct().doubtful, BTreeSet::new());

    let told = Case {
        is_create: false,
        dynamic: Some(&["rule"]),
        ..created
    };
    assert_eq!(
        told.at("rule"),
        r#"[{"note":null,"port":22,"rule_id":null}]"#
    );

    let untold = Case {
        dynamic: None,
        ..told
    };
    assert_eq!(untold.at("rule"), "[]");
    let doubtful = BTreeSet::from([AttributePath::from("/rule")]);
    assert_eq!(untold.reconstruct().doubtful, doubtful);

    let not_dynamic = Case {
        dynamic: Some(&[]),
        ..untold
    };
    assert_eq!(not_dynamic.at("rule"), "[]");
    assert_eq!(not_dynamic.reconstruct().doubtful, BTreeSet::new());
}

/// `ingress` of a security group is declared as an attribute and written as blocks.
#[test]
fn trap_3_holds_for_blocks_that_are_declared_as_attributes() {
    let own = r#"["set",["object",{"port":"number"}]]"#;
    let schema = Schema::new(
        0,
        block(
            &[("ingress", own, "oc"), ("zone", r#""string""#, "oc")],
            &[],
        ),
    );
    let null = Value::Null;
    let rebuilt = |is_create, unknown, dynamic: Option<&BTreeSet<String>>| {
        let approved = Approved {
            after: r#"{"ingress":[{"port":22}],"zone":"a"}"#,
            after_unknown: unknown,
            is_create,
            expressions: "{}",
            state: &null,
            dynamic,
        };
        let rebuilt = reconstruct(&schema, &approved).unwrap();
        (json::write(&rebuilt.config), rebuilt.doubtful.len())
    };
    let (kept, left) = (
        r#"{"ingress":[{"port":22}],"zone":null}"#.to_owned(),
        r#"{"ingress":null,"zone":null}"#.to_owned(),
    );
    let (told, none) = (BTreeSet::from(["ingress".to_owned()]), BTreeSet::new());
    assert_eq!(rebuilt(true, "{}", None), (kept.clone(), 0));
    assert_eq!(rebuilt(false, "{}", Some(&told)), (kept, 0));
    assert_eq!(rebuilt(false, "{}", None), (left.clone(), 1));
    assert_eq!(rebuilt(false, "{}", Some(&none)), (left.clone(), 0));
    assert_eq!(rebuilt(true, r#"{"ingress":true}"#, Some(&none)), (left, 0));
}

#[test]
fn trap_4_what_is_ignored_is_proposed_as_it_is() {
    let schema = machine();
    let live = value(
        &schema,
        r#"{"name":"by hand","zone":"b","peers":["x","y"]}"#,
    );
    let config = value(&schema, r#"{"name":"approved","peers":["x","z"]}"#);
    let paths = ["/name", "/peers/1"].map(AttributePath::from);
    let ignored = Ignore::Paths(paths.to_vec());
    let left = with_ignored(&config, &live, Some(&ignored));
    assert_eq!(left.get("name"), Some(&Value::string("by hand")));
    assert_eq!(json::write(left.get("peers").unwrap()), r#"["x","y"]"#);
    // What was not given stays the provider's.
    let all = with_ignored(&config, &live, Some(&Ignore::All));
    assert_eq!(all.get("zone"), Some(&Value::Null));
    assert_eq!(all.get("name"), Some(&Value::string("by hand")));

    let none = BTreeSet::new();
    let judged = judge(
        &Signals {
            block: &schema.block,
            config: &config,
            live: &live,
            planned: &value(
                &schema,
                r#"{"name":"approved","zone":"b","peers":["x","y"]}"#,
            ),
            equality: Equality::Exact,
            settled: None,
            masks: &none,
            ignored: Some(&ignored),
        },
        &SecretDigest::new(&[0; 32]),
    );
    assert_eq!(judged.differences, []);
    assert_eq!(judged.ignored, [AttributePath::from("/name")]);
}

#[test]
fn trap_5_what_was_partly_unknown_comes_whole_from_the_state() {
    let expressions = format!(r#"{{"peers":{REFERENCE},"name":{{"constant_value":"n"}}}}"#);
    let case = Case {
        after: r#"{"name":"n","peers":["a",null]}"#,
        unknown: r#"{"id":true,"peers":[false,true]}"#,
        expressions: &expressions,
        state: r#"{"name":"n","peers":["a","b"],"id":"i-1"}"#,
        ..Case::default()
    };
    assert_eq!(case.at("peers"), r#"["a","b"]"#);
    assert_eq!(case.at("id"), "null");
}

fn judged(
    schema: &Schema,
    config: &str,
    live: &str,
    planned: &str,
    settled: Option<&str>,
    equality: Equality,
) -> Judged {
    let digest = SecretDigest::new(&[7; 32]);
    let sensitive = sensitive_names(&schema.block);
    let settled = settled.map(|text| {
        let masks = BTreeSet::new();
        SettledResource::settle(&value(schema, text), &sensitive, masks, &digest)
    });
    let none = BTreeSet::new();
    judge(
        &Signals {
            block: &schema.block,
            config: &value(schema, config),
            live: &value(schema, live),
            planned: &value(schema, planned),
            equality,
            settled: settled.as_ref(),
            masks: &none,
            ignored: None,
        },
        &digest,
    )
}

fn paths(judged: &Judged) -> Vec<String> {
    let all = judged.differences.iter();
    all.map(|one| {
        let signals = match (one.by_plan, one.by_read) {
            (true, true) => "both",
            (true, false) => "plan",
            (false, _) => "read",
        };
        format!("{} {signals}", one.path)
    })
    .collect()
}

#[test]
fn trap_6_what_was_added_beside_the_configuration_is_seen_by_the_read() {
    let schema = machine();
    let settled = r#"{"name":"n","policies":["p"],"zone":"a"}"#;
    let live = r#"{"name":"n","policies":["p","AdministratorAccess"],"zone":"a"}"#;
    let found = judged(
        &schema,
        r#"{"name":"n"}"#,
        live,
        live,
        Some(settled),
        Equality::Exact,
    );
    assert_eq!(paths(&found), ["/policies read"]);
    let one = &found.differences[0];
    assert_eq!(json::write(&one.live), r#"["AdministratorAccess"]"#);
    assert_eq!(json::write(&one.approved), "[]");
    // Without a settled baseline nobody sees it.
    let blind = judged(
        &schema,
        r#"{"name":"n"}"#,
        live,
        live,
        None,
        Equality::Exact,
    );
    assert_eq!(blind.differences, []);
}

/// A time that the cloud moves on is nothing that anybody approved.
#[test]
fn what_the_provider_alone_sets_moves_without_a_finding() {
    let schema = machine();
    let settled = r#"{"id":"i-1","name":"n","rule":[{"port":1,"rule_id":"r-1"}]}"#;
    let live = r#"{"id":"i-2","name":"n","rule":[{"port":1,"rule_id":"r-1"}]}"#;
    let config = r#"{"name":"n"}"#;
    let found = judged(&schema, config, live, live, Some(settled), Equality::Exact);
    assert_eq!(found.differences, []);
    assert_eq!(found.moved, [AttributePath::from("/id")]);
    let block = &schema.block;
    assert!(block.is_computed_only(["rule", "0", "rule_id"].into_iter()));
    assert!(!block.is_computed_only(["rule", "0", "port"].into_iter()));
    assert!(!block.is_computed_only(["policies"].into_iter()));
}

#[test]
fn both_signals_are_one_finding_and_the_providers_equality_counts() {
    let schema = machine();
    let settled = r#"{"name":"Approved","zone":"a"}"#;
    let changed = r#"{"name":"other","zone":"a"}"#;
    let config = r#"{"name":"Approved"}"#;
    let found = judged(
        &schema,
        config,
        changed,
        settled,
        Some(settled),
        Equality::Exact,
    );
    assert_eq!(paths(&found), ["/name both"]);
    let same_to_it = r#"{"name":"approved","zone":"a"}"#;
    let found = judged(
        &schema,
        config,
        same_to_it,
        same_to_it,
        Some(settled),
        Equality::Exact,
    );
    assert_eq!(found.differences, []);
    assert_eq!(found.equivalent, [AttributePath::from("/name")]);
}

/// The state after the apply is what the provider made up; the first read is what is.
#[test]
fn trap_7_the_first_read_is_the_baseline_and_not_the_state() {
    let schema = machine();
    let digest = SecretDigest::new(&[7; 32]);
    let state = value(&schema, r#"{"name":"n","zone":"a","peers":null}"#);
    let first = value(
        &schema,
        r#"{"name":"n","zone":"a","peers":[],"policies":[]}"#,
    );
    let noise = differences(&state, &first, Equality::Exact);
    assert_eq!(noise.len(), 2);
    let settled = SettledResource::settle(&first, &BTreeSet::new(), BTreeSet::new(), &digest);
    assert_eq!(settled.differences(&first, &digest), []);
}

#[test]
fn trap_8_null_and_empty_are_one_for_the_old_kind_alone() {
    let schema = machine();
    let null = value(
        &schema,
        r#"{"name":"n","rule":[{"port":22,"note":null}],"peers":null}"#,
    );
    let empty = value(
        &schema,
        r#"{"name":"n","rule":[{"port":22,"note":""}],"peers":[]}"#,
    );
    assert_eq!(differences(&null, &empty, Equality::Legacy), []);
    assert_eq!(differences(&null, &empty, Equality::Exact).len(), 2);
    // Near misses.
    for other in [
        r#"{"name":"n","rule":[{"port":22,"note":" "}],"peers":[]}"#,
        r#"{"name":"n","rule":[{"port":23,"note":""}],"peers":[]}"#,
        r#"{"name":"n","rule":[],"peers":[]}"#,
        r#"{"name":"n","rule":[{"port":22,"note":""}],"peers":[""]}"#,
    ] {
        let other = value(&schema, other);
        assert_eq!(differences(&null, &other, Equality::Legacy).len(), 1);
    }
}

#[test]
fn trap_9_what_is_planned_and_not_yet_known_is_no_difference() {
    let schema = machine();
    let live = value(&schema, r#"{"name":"n","zone":"a"}"#);
    let Value::Object(mut all) = live.clone() else {
        panic!("an object");
    };
    all.insert("zone".into(), Value::unknown());
    all.insert("name".into(), Value::string("m"));
    let found = differences(&live, &Value::Object(all), Equality::Exact);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, AttributePath::from("/name"));
}

#[test]
fn trap_10_a_set_has_no_order() {
    let schema = machine();
    let one = value(
        &schema,
        r#"{"rule":[{"port":1},{"port":2}],"policies":["a","b"]}"#,
    );
    let other = value(
        &schema,
        r#"{"rule":[{"port":2},{"port":1}],"policies":["b","a"]}"#,
    );
    assert_eq!(differences(&one, &other, Equality::Exact), []);
    let third = value(
        &schema,
        r#"{"rule":[{"port":2},{"port":3}],"policies":["b","a"]}"#,
    );
    let found = differences(&one, &third, Equality::Exact);
    assert_eq!(found[0].path, AttributePath::from("/rule"));
    assert_eq!(found[0].before.elements().len(), 1);
    let lists = |text| value(&schema, text);
    let found = differences(
        &lists(r#"{"peers":["a","b"]}"#),
        &lists(r#"{"peers":["b","a"]}"#),
        Equality::Exact,
    );
    assert_eq!(found.len(), 2, "a list has an order");
}

// Trap 11, an error that is not "gone", is in tests/it/provider.

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

#[test]
fn the_self_test_masks_what_was_put_together_wrongly_and_not_what_was_changed() {
    let schema = machine();
    let state = value(&schema, r#"{"name":"n","user_data":"hash"}"#);
    let planned = value(&schema, r#"{"name":"n","user_data":"hash of hash"}"#);
    let masks = self_test(&state, &planned, &state, Equality::Exact).unwrap();
    assert_eq!(masks, BTreeSet::from([AttributePath::from("/user_data")]));
    // Changed by hand before it was settled: that is drift, and no mask.
    let live = value(&schema, r#"{"name":"n","user_data":"by hand"}"#);
    let changed = self_test(&live, &state, &state, Equality::Exact).unwrap_err();
    assert_eq!(changed[0].path, AttributePath::from("/user_data"));
}

#[test]
fn a_masked_place_is_judged_by_the_read_alone() {
    let schema = machine();
    let digest = SecretDigest::new(&[7; 32]);
    let masks = BTreeSet::from([AttributePath::from("/user_data")]);
    let first = value(&schema, r#"{"name":"n","user_data":"hash"}"#);
    let settled = SettledResource::settle(&first, &BTreeSet::new(), masks.clone(), &digest);
    let wrong = value(&schema, r#"{"name":"n","user_data":"hash of hash"}"#);
    let judged_as = |live: &Value| {
        judge(
            &Signals {
                block: &schema.block,
                config: &first,
                live,
                planned: &wrong,
                equality: Equality::Exact,
                settled: Some(&settled),
                masks: &masks,
                ignored: None,
            },
            &digest,
        )
    };
    let same = judged_as(&first);
    assert_eq!(same.differences, []);
    assert_eq!(same.masked, [AttributePath::from("/user_data")]);
    let by_hand = judged_as(&value(&schema, r#"{"name":"n","user_data":"by hand"}"#));
    assert_eq!(paths(&by_hand), ["/user_data read"]);
}

#[test]
fn a_secret_is_settled_as_a_digest_and_its_change_is_seen() {
    let schema = machine();
    let digest = SecretDigest::new(&[7; 32]);
    let sensitive = sensitive_names(&schema.block);
    assert!(sensitive.contains("password") && sensitive.contains("token"));
    let first = value(&schema, r#"{"name":"n","password":"hunter2hunter2"}"#);
    let settled = SettledResource::settle(&first, &sensitive, BTreeSet::new(), &digest);
    let (values, secrets) = settled.kept();
    assert!(!format!("{values:?} {secrets:?}").contains("hunter2"));
    let kept = Kept {
        type_name: "machine".to_owned(),
        at: String::new(),
        plan_sha256: String::new(),
        provider: String::new(),
        schema_version: 0,
        masks: BTreeSet::new(),
        values,
        secrets,
    };
    let text = serde_json::to_string(&kept).unwrap();
    let again: Kept = serde_json::from_str(&text).unwrap();
    let again = SettledResource::read(&again, &schema.value_type).unwrap();
    assert_eq!(again, settled);
    assert_eq!(again.differences(&first, &digest), []);
    let other = value(&schema, r#"{"name":"n","password":"hunter3"}"#);
    let found = again.differences(&other, &digest);
    assert_eq!(found[0].path, AttributePath::from("/password"));
    assert_eq!(found[0].before, Value::Null);
}

#[test]
fn what_is_configured_and_elsewhere_what_is_there_is_proposed() {
    let schema = machine();
    let prior = value(
        &schema,
        r#"{"id":"i","name":"old","zone":"a","policies":["p"],"user_data":"u",
            "rule":[{"port":1,"note":"x","rule_id":"r-1"},{"port":2,"note":null,"rule_id":"r-2"}],
            "versioning":[{"enabled":true}]}"#,
    );
    let config = value(
        &schema,
        r#"{"name":"new","rule":[{"port":2},{"port":3}],"versioning":[{"enabled":null}]}"#,
    );
    let proposed = proposed_new(&schema.block, &prior, &config);
    assert_eq!(
        json::write(&proposed),
        concat!(
            r#"{"id":"i","name":"new","password":null,"peers":null,"policies":["p"],"#,
            r#""rule":[{"note":null,"port":2,"rule_id":"r-2"},{"note":null,"port":3,"rule_id":null}],"#,
            r#""token":null,"user_data":null,"versioning":[{"enabled":true}],"zone":"a"}"#
        )
    );
    assert_eq!(
        proposed_new(&schema.block, &Value::Null, &config).get("zone"),
        Some(&Value::Null)
    );
    assert_eq!(
        proposed_new(&schema.block, &prior, &Value::Null),
        Value::Null
    );
}

#[test]
fn nested_attributes_are_proposed_like_blocks() {
    let nested = |nesting, optional| Attribute {
        kind: AttributeKind::Nested {
            nesting,
            attributes: BTreeMap::from([
                (Name::from("cpu"), attribute(r#""number""#, "o")),
                (Name::from("burst"), attribute(r#""number""#, "oc")),
            ]),
        },
        required: false,
        optional,
        computed: true,
        sensitive: false,
        write_only: false,
    };
    let schema = Schema::new(
        0,
        Block {
            attributes: BTreeMap::from([
                (Name::from("one"), nested(Nesting::Single, true)),
                (Name::from("many"), nested(Nesting::List, true)),
            ]),
            blocks: BTreeMap::new(),
        },
    );
    let read = |text: &str| json::read(text, &schema.value_type, Objects::Lenient).unwrap();
    let prior = read(r#"{"one":{"cpu":null,"burst":5},"many":[{"cpu":1,"burst":7}]}"#);
    // Not configured: what a provider alone can have set stays, what an author must have set goes.
    let proposed = proposed_new(&schema.block, &prior, &read("{}"));
    assert_eq!(
        json::write(&proposed),
        r#"{"many":null,"one":{"burst":5,"cpu":null}}"#
    );
    let config = read(r#"{"one":{"cpu":2},"many":[{"cpu":3},{"cpu":4}]}"#);
    let proposed = proposed_new(&schema.block, &prior, &config);
    assert_eq!(
        json::write(&proposed),
        concat!(
            r#"{"many":[{"burst":7,"cpu":3},{"burst":null,"cpu":4}],"#,
            r#""one":{"burst":5,"cpu":2}}"#
        )
    );
}
