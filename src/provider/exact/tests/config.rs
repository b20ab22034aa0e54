//! Traps 1 to 5: what was written.

use std::collections::BTreeSet;

use super::*;

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
