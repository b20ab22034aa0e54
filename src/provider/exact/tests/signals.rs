//! Traps 6 to 10: what two signals say.

use std::collections::BTreeSet;

use super::*;

pub(super) fn judged(
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
