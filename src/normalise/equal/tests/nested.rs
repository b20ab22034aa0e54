//! Blocks within blocks, subsets, pairs, and containers.

use super::{Equivalence, Outcome, different, equal, outcome};
use crate::ingest::json::parse;
use crate::normalise::form::Form;

const RULE: &str = r#"[{"name":"r","priority":1,"action":[{"allow":[],"block":[{"custom_response":[]}]}],
    "statement":[{"managed_rule_group_statement":[{"vendor_name":"AWS","version":""}],"not_statement":[]}],
    "ports":["80","443"]}]"#;
const LIVE_RULE: &str = r#"[{"Name":"r","Priority":1,"Action":{"Block":{}},"Id":"of the cloud",
    "Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Version":null}},"Ports":[443,80]}]"#;

#[test]
fn blocks_in_the_clouds_shape() {
    for form in [Form::BlockSet, Form::Blocks] {
        let wrapped = format!(r#"{{"Quantity":1,"Items":{LIVE_RULE}}}"#);
        let one = LIVE_RULE.trim_start_matches('[').trim_end_matches(']');
        let pairs = [(RULE, LIVE_RULE), (RULE, &wrapped), (RULE, one)];
        equal(form, Equivalence::Shape, &pairs);
        let nothing = [
            ("[]", "null"),
            ("null", "{}"),
            ("[]", r#"{"quantity":0}"#),
            ("[]", r#"{"enabled":false,"bucket":""}"#),
        ];
        equal(form, Equivalence::Unset, &nothing);
        for (from, to) in [
            (r#""Block""#, r#""Allow""#),
            (r#""Block""#, r#""Count""#),
            (r#"{"Block":{}}"#, "null"),
            (r#"{"Block":{}}"#, r#"{"Block":{},"Allow":{}}"#),
            (r#""r""#, r#""R""#),
            ("1,", "2,"),
            ("\"AWS\"", "\"Aws\""),
            ("null", "\"1.0\""),
            ("[443,80]", "[443]"),
            ("[443,80]", "[443,443]"),
            ("[443,80]", "[443,80,22]"),
        ] {
            assert!(LIVE_RULE.contains(from), "{from}");
            different(form, &[(RULE, &LIVE_RULE.replacen(from, to, 1))]);
        }
        different(form, &[(RULE, "[]"), ("[]", LIVE_RULE)]);
    }
}

#[test]
fn places_count_in_lists_of_blocks_and_not_in_sets() {
    let approved = r#"[{"path":"/a","ttl":1},{"path":"/b","ttl":2}]"#;
    let turned = r#"[{"path":"/b","ttl":2},{"path":"/a","ttl":1}]"#;
    equal(Form::BlockSet, Equivalence::Shape, &[(approved, turned)]);
    different(
        Form::BlockSet,
        &[
            (approved, r#"[{"path":"/a","ttl":1},{"path":"/a","ttl":1}]"#),
            (r#"[{"path":"/a","ttl":1}]"#, approved),
        ],
    );
    different(Form::Blocks, &[(approved, turned)]);
    let pointers = |form, live: &str| match outcome(form, &[], approved, live) {
        Outcome::Differs(found) => found
            .into_iter()
            .map(|one| one.pointer.to_string())
            .collect(),
        other => vec![format!("{other:?}")],
    };
    let changed = approved.replace("\"ttl\":2", "\"ttl\":3");
    assert_eq!(pointers(Form::Blocks, &changed), ["/1/ttl"]);
    assert_eq!(pointers(Form::BlockSet, &changed), [""]);
}

#[test]
fn names_that_differ_and_the_shape_in_which_live_blocks_are_shown() {
    let words = [
        ("id", "origin_id"),
        ("allowedMethods.cachedMethods", "cached_methods"),
    ];
    let approved = r#"[{"origin_id":"a","cached_methods":["GET"]}]"#;
    let live = r#"{"quantity":1,"items":[{"id":"a","extra":7,
        "allowedMethods":{"cachedMethods":{"quantity":1,"items":["GET"]}}}]}"#;
    let found = outcome(Form::BlockSet, &words, approved, live);
    assert_eq!(found, Outcome::Equal(Equivalence::Shape));
    let other = live.replace("\"a\"", "\"b\"");
    let Outcome::Differs(found) = outcome(Form::BlockSet, &words, approved, &other) else {
        panic!("they differ");
    };
    assert_eq!(found[0].approved, parse(approved).unwrap());
    assert_eq!(
        found[0].live,
        parse(&approved.replace("\"a\"", "\"b\"")).unwrap()
    );
}

#[test]
fn lists_within_blocks_keep_their_order_where_the_table_says_so() {
    let approved = r#"[{"origin_id":"g","member":[{"origin_id":"a"},{"origin_id":"b"}]}]"#;
    let live = r#"{"quantity":1,"items":[{"id":"g","members":{"quantity":2,"items":[{"id":"a"},{"id":"b"}]}}]}"#;
    let turned = live.replace(r#"[{"id":"a"},{"id":"b"}]"#, r#"[{"id":"b"},{"id":"a"}]"#);
    let shorter = live.replace(r#",{"id":"b"}"#, "");
    let loose = [("id", "origin_id"), ("members", "member")];
    let strict = [("id", "origin_id"), ("members", "member[]")];
    let same = Outcome::Equal(Equivalence::Shape);
    for form in [Form::BlockSet, Form::Blocks] {
        assert_eq!(outcome(form, &strict, approved, live), same);
        assert_eq!(outcome(form, &loose, approved, &turned), same);
        for live in [&turned, &shorter] {
            let found = outcome(form, &strict, approved, live);
            assert!(matches!(found, Outcome::Differs(_)), "{found:?}");
        }
    }
}

#[test]
fn a_subset_lacks_nothing() {
    equal(
        Form::Subset,
        Equivalence::Order,
        &[
            (r#"["a"]"#, r#"["b","a"]"#),
            (r#"["a","b"]"#, r#"["b","a"]"#),
            ("[]", r#"["a"]"#),
        ],
    );
    different(
        Form::Subset,
        &[
            (r#"["a"]"#, "[]"),
            (r#"["a","b"]"#, r#"["a","c"]"#),
            (r#"["a"]"#, r#"["A"]"#),
        ],
    );
    let Outcome::Differs(found) = outcome(Form::Subset, &[], r#"["a","b"]"#, r#"["a","c"]"#) else {
        panic!("they differ");
    };
    assert_eq!(found[0].approved, parse(r#"["b"]"#).unwrap());
    assert_eq!(found[0].live, parse("[]").unwrap());
}

#[test]
fn maps_as_lists_of_pairs() {
    let approved = r#"{"InstanceId":"i-1","Empty":""}"#;
    equal(
        Form::Map,
        Equivalence::Same,
        &[(
            approved,
            r#"[{"name":"Empty","value":""},{"name":"InstanceId","value":"i-1"}]"#,
        )],
    );
    different(
        Form::Map,
        &[
            (approved, r#"[{"name":"InstanceId","value":"i-1"}]"#),
            (
                approved,
                r#"[{"name":"Empty","value":""},{"name":"instanceId","value":"i-1"}]"#,
            ),
            (
                approved,
                r#"[{"name":"Empty","value":""},{"name":"InstanceId","value":"i-2"}]"#,
            ),
        ],
    );
}

#[test]
fn containers_of_a_task() {
    let approved = r#""[{\"name\":\"a\",\"image\":\"a:1\"},{\"name\":\"b\",\"image\":\"b:1\",\"cpu\":\"10\"}]""#;
    let live =
        r#"[{"Name":"b","Image":"b:1","Cpu":10,"Essential":true},{"Name":"a","Image":"a:1"}]"#;
    let form = Form::ContainerDefinitions;
    equal(form, Equivalence::ScalarType, &[(approved, live)]);
    let changed = live.replace("b:1", "b:2");
    let Outcome::Differs(found) = outcome(form, &[], approved, &changed) else {
        panic!("they differ");
    };
    assert_eq!(
        found[0].live,
        parse(r#"[{"cpu":10,"image":"b:2","name":"b"}]"#).unwrap(),
        "only what differs"
    );
}
