//! What a good provider answers, in either protocol.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use driftwarden::ports::{Held, ProviderError, ResourceProvider};
use driftwarden::provider::cty::Value;
use driftwarden::provider::schema::{AttributeKind, Nesting};

use super::support::{THING, bench, bench_with, limits};

const FRONT: &str = r#"{"name":"front","secret":"hunter2hunter2","tags":{"env":"prod"},
    "rule":[{"port":443,"cidr":"10.0.0.0/8","rule_id":null}]}"#;

#[test]
fn a_resource_is_made_read_changed_and_taken_away() {
    for protocol in ["5", "6"] {
        let mut bench = bench("", protocol);
        let held = bench.create(FRONT);
        assert_eq!(held.state.get("id"), Some(&Value::string("t-1")));
        assert_eq!(held.state.get("size"), Some(&Value::int(1)));
        assert_eq!(held.private, b"applied");

        let read = bench.session.read(THING, &held).unwrap().unwrap();
        assert_eq!(read.state, held.state);
        assert_eq!(read.private, b"applied+read");

        let config = bench.thing(&FRONT.replace("443", "22"));
        let mut proposed = bench.thing(&FRONT.replace("443", "22"));
        let Value::Object(all) = &mut proposed else {
            panic!("a thing is an object");
        };
        for name in ["id", "size", "zone", "seen"] {
            all.insert(name.into(), held.state.get(name).unwrap().clone());
        }
        let planned = bench.plan(&held.state, &proposed, &config);
        assert_eq!(planned.requires_replace, []);
        assert_eq!(planned.legacy_types, protocol == "5");
        let applied = bench
            .session
            .apply(THING, &held.state, &config, &planned)
            .unwrap();
        let port = applied.held.state.get("rule").unwrap().elements()[0].get("port");
        assert_eq!(port, Some(&Value::int(22)));

        let gone = bench.plan(&applied.held.state, &Value::Null, &Value::Null);
        let applied = bench
            .session
            .apply(THING, &applied.held.state, &Value::Null, &gone)
            .unwrap();
        assert!(applied.held.state.is_null());
        assert_eq!(bench.session.read(THING, &held).unwrap(), None);
        assert!(bench.session.is_healthy());
    }
}

#[test]
fn what_would_replace_is_named() {
    let mut bench = bench("", "6");
    let held = bench.create(r#"{"name":"front"}"#);
    let other = bench.thing(r#"{"id":"t-1","name":"back","size":1,"zone":"a","seen":0}"#);
    let planned = bench.plan(&held.state, &other, &other);
    let paths: Vec<String> = planned
        .requires_replace
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(paths, ["/name"]);
}

#[test]
fn an_older_state_is_brought_up() {
    let mut bench = bench("", "5");
    let old = r#"{"id":"t-1","title":"front","size":12345678901234567890.5,"forgotten":1}"#;
    let state = bench.session.upgrade(THING, 0, old).unwrap();
    assert_eq!(state.get("name"), Some(&Value::string("front")));
    let Some(Value::Number(size)) = state.get("size") else {
        panic!("a size is a number");
    };
    assert_eq!(size.to_string(), "12345678901234567890.5");
}

#[test]
fn a_resource_is_found_by_its_id() {
    let mut bench = bench("", "6");
    bench.create(r#"{"name":"front"}"#);
    let found = bench.session.import(THING, "t-1").unwrap();
    assert_eq!(found.len(), 1);
    let read = bench.session.read(THING, &found[0].held).unwrap().unwrap();
    assert_eq!(read.state.get("name"), Some(&Value::string("front")));
}

#[test]
fn attributes_within_attributes_are_known_in_protocol_6() {
    let mut bench = bench("", "6");
    let schema = bench.session.schema(THING).unwrap();
    let limits = schema.block.attributes.get("limits").unwrap();
    let AttributeKind::Nested {
        nesting,
        attributes,
    } = &limits.kind
    else {
        panic!("limits are nested");
    };
    assert_eq!(*nesting, Nesting::Single);
    assert!(attributes.get("burst").unwrap().computed);
    assert!(schema.block.attributes.get("once").unwrap().write_only);
    let held = bench.create(r#"{"name":"front","limits":{"cpu":2},"once":"given"}"#);
    let read = bench.session.read(THING, &held).unwrap().unwrap();
    let cpu = read.state.get("limits").unwrap().get("cpu");
    assert_eq!(cpu, Some(&Value::int(2)));
    assert_eq!(read.state.get("once"), Some(&Value::Null));
}

#[test]
fn what_cannot_be_asked_is_refused_before_it_is_sent() {
    let mut bench = bench_with("", "6", limits());
    let held = Held {
        state: bench.thing(r#"{"name":"front"}"#),
        private: Vec::new(),
    };
    let unconfigured = bench.session.read(THING, &held).unwrap_err();
    assert_eq!(unconfigured, ProviderError::NotConfigured);
    let config = bench.config();
    bench.session.configure(&config).unwrap();
    let unknown = bench.session.schema("fault_other").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "the provider has no resource type `fault_other`"
    );
    let unfit = Held {
        state: Value::object([("name", Value::int(1))]),
        private: Vec::new(),
    };
    let unfit = bench.session.read(THING, &unfit).unwrap_err();
    assert!(matches!(unfit, ProviderError::Unfit { .. }), "{unfit}");
}
