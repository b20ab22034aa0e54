//! What is proposed to a provider.

use std::collections::BTreeMap;

use super::*;

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
