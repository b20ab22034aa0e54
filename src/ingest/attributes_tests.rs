use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::ingest::plan::{self, Plan};
use crate::ingest::redact::SensitiveByType;
use crate::ingest::state;
use crate::ingest::test_support::{catalogue, redactor, shown};
use crate::model::{AttributePath, TypeName};

const SECRET_TEXT: &str = "s3cr3t";

fn plan_of(change: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","resource_changes":[{{"address":"aws_db_instance.d","mode":"managed","type":"aws_db_instance","change":{{"actions":["update"],{change}}}}}]}}"#
    )
}

fn read_plan(text: &str, redactor: &Redactor) -> Plan {
    plan::read(text.as_bytes(), &catalogue(), redactor)
        .unwrap()
        .0
}

/// Whether the slot of `/username` holds a digest, and that nothing holds the secret.
fn is_redacted(stored: &Stored) -> bool {
    let catalogue = catalogue();
    let table = catalogue.resource(catalogue.find("aws_db_instance").unwrap());
    let rows = &table.unwrap().table.attributes;
    let slot = rows
        .iter()
        .position(|row| row.pointer.as_str() == "/username");
    let text: String = stored.iter().map(|value| value.text).collect();
    let bytes = format!("{stored:?}");
    let secret_bytes = format!("{:?}", SECRET_TEXT.as_bytes());
    let hidden =
        !text.contains(SECRET_TEXT) && !bytes.contains(secret_bytes.trim_matches(['[', ']']));
    hidden
        && stored
            .get(slot.unwrap())
            .is_some_and(|value| value.sensitive && value.text.len() == 64)
}

#[test]
fn what_either_side_of_a_plan_marks_is_redacted_on_both() {
    let values = r#""before":{"username":"s3cr3t"},"after":{"username":"s3cr3t"}"#;
    for marks in [
        r#""after_sensitive":{"username":true}"#,
        r#""before_sensitive":{"username":true},"after_sensitive":{}"#,
        r#""after_sensitive":true"#,
        r#""before_sensitive":false,"after_sensitive":{"username":{"nested":[false,true]}}"#,
        "\"after_sensitive\":{ \"username\" :\ttrue }",
    ] {
        let plan = read_plan(&plan_of(&format!("{values},{marks}")), &redactor());
        let resource = &plan.resources[0];
        assert!(is_redacted(&resource.after.stored), "{marks}");
        assert!(
            is_redacted(&resource.before.as_ref().unwrap().stored),
            "{marks}"
        );
        assert!(!format!("{plan:?}").contains(SECRET_TEXT));
    }
    let open = read_plan(&plan_of(values), &redactor());
    assert!(!is_redacted(&open.resources[0].after.stored));
}

#[test]
fn a_mark_deep_within_an_attribute_hides_all_of_it() {
    let stored = |marks: &str| {
        let change = format!(
            r#""after":{{"vpc_security_group_ids":["s3cr3t","b"],"tags_all":{{"a":"s3cr3t"}}}},
            "after_sensitive":{marks}"#
        );
        let plan = read_plan(&plan_of(&change), &redactor());
        plan.resources[0].after.stored.clone()
    };
    for marks in [
        r#"{"vpc_security_group_ids":[true,false],"tags_all":true}"#,
        r#"{"vpc_security_group_ids":[true,false],"tags_all":{"a":{"b":true}}}"#,
        r#"{"vpc_security_group_ids":[true,false],"tags":true}"#,
        "true",
    ] {
        let stored = stored(marks);
        assert!(stored.iter().all(|value| value.sensitive), "{marks}");
        assert_eq!(stored.iter().count(), 2);
    }
}

#[test]
fn a_mark_at_one_tag_hides_that_alone() {
    for (marks, shown) in [
        (r#"{"tags_all":{"a":true}}"#, true),
        (r#"{"tags":{"a":true}}"#, true),
        (r#"{"tags":{"a":true,"b":true}}"#, false),
    ] {
        let change = format!(
            r#""before":{{"tags_all":{{"a":"s3cr3t"}}}},
            "after":{{"tags_all":{{"a":"s3cr3t","b":"x-y"}}}},"after_sensitive":{marks}"#
        );
        let plan = read_plan(&plan_of(&change), &redactor());
        let resource = &plan.resources[0];
        let after: String = resource.after.stored.iter().map(|one| one.text).collect();
        assert!(!after.contains(SECRET_TEXT), "{marks}");
        assert_eq!(after.contains("x-y"), shown, "{marks}");
        let before = &resource.before.as_ref().unwrap().stored;
        assert!(before.iter().all(|one| !one.text.contains(SECRET_TEXT)));
    }
}

#[test]
fn unknown_secrets_are_marked_for_the_state_to_fill_in() {
    let change = r#""after":{},"after_unknown":{"username":true,"port":true},"after_sensitive":{"username":true}"#;
    let plan = read_plan(&plan_of(change), &redactor());
    let unknown = &plan.resources[0].after.unknown;
    assert_eq!(unknown.len(), 2);
    assert_eq!(
        unknown.iter().filter(|slot| **slot & SECRET != 0).count(),
        1
    );
}

#[test]
fn both_forms_of_a_state_are_redacted() {
    let values = r#"{"username":"s3cr3t","port":5432}"#;
    let shown = |marks: &str| {
        format!(
            r#"{{"format_version":"1.0","values":{{"root_module":{{"resources":[{{"address":"aws_db_instance.d","type":"aws_db_instance","sensitive_values":{marks},"values":{values}}}]}}}}}}"#
        )
    };
    let raw = |marks: &str| {
        format!(
            r#"{{"version":4,"resources":[{{"mode":"managed","type":"aws_db_instance","name":"d","instances":[{{"attributes":{values},"sensitive_attributes":{marks}}}]}}]}}"#
        )
    };
    for text in [
        shown(r#"{"username":true}"#),
        shown("true"),
        raw(r#"[[{"type":"get_attr","value":"username"}]]"#),
        raw(
            r#"[[{"type":"get_attr","value":"username"},{"type":"index","value":{"value":"k","type":"string"}}]]"#,
        ),
        raw("[[]]"),
    ] {
        let read = state::read(text.as_bytes(), &catalogue(), &redactor())
            .unwrap()
            .0;
        let state::StateResource::Mapped(_, attributes) = &read.resources["aws_db_instance.d"]
        else {
            panic!("the type has a table");
        };
        assert!(is_redacted(&attributes.stored), "{text}");
        assert!(!format!("{read:?}").contains(SECRET_TEXT));
    }
}

#[test]
fn the_schema_marks_what_nobody_else_does() {
    let by_type = |path: &str| -> Arc<SensitiveByType> {
        let paths = BTreeSet::from([AttributePath::from(path)]);
        Arc::new(BTreeMap::from([(TypeName::from("aws_db_instance"), paths)]))
    };
    let text = plan_of(r#""before":{"username":"s3cr3t"},"after":{"username":"s3cr3t"}"#);
    for (path, redacted) in [
        ("/username", true),
        ("/username/*/x", true),
        ("/user", false),
    ] {
        let plan = read_plan(&text, &redactor().with_schema(by_type(path)));
        assert_eq!(
            is_redacted(&plan.resources[0].after.stored),
            redacted,
            "{path}"
        );
    }
    let other = Arc::new(BTreeMap::from([(
        TypeName::from("aws_sqs_queue"),
        BTreeSet::from([AttributePath::from("/username")]),
    )]));
    let plan = read_plan(&text, &redactor().with_schema(other));
    assert!(!is_redacted(&plan.resources[0].after.stored));
}

#[test]
fn one_secret_has_one_digest_however_it_is_written() {
    let digest = |value: &str| {
        let change = format!(r#""after":{{"username":{value}}},"after_sensitive":true"#);
        let plan = read_plan(&plan_of(&change), &redactor());
        plan.resources[0]
            .after
            .stored
            .iter()
            .next()
            .unwrap()
            .text
            .to_owned()
    };
    assert_eq!(digest(r#""A""#), digest(r#""\u0041""#));
    assert_eq!(digest("5"), digest("5.0"));
    assert_ne!(digest(r#""A""#), digest(r#""B""#));
    // Another installation's digests say nothing about ours.
    let other = Redactor::new(&[8; 32]);
    let other = other.secret(Form::Scalar, &Value::from("A"));
    assert_ne!(other.to_string(), digest(r#""A""#));
}

#[test]
fn messages_quote_no_values() {
    for value in [
        r#""s3cr3t\ud800""#,
        "[\"s3cr3t\",]",
        r#"{"s3cr3t":1,"s3cr3t":2}"#,
        "tru_s3cr3t",
        "\"s3cr3t\u{1}\"",
    ] {
        for attribute in ["username", "tags_all", "vpc_security_group_ids"] {
            for marks in ["true", "{}"] {
                let change =
                    format!(r#""after":{{"{attribute}":{value}}},"after_sensitive":{marks}"#);
                let text = plan_of(&change);
                let error = plan::read(text.as_bytes(), &catalogue(), &redactor()).unwrap_err();
                assert!(!shown(&error).contains(SECRET_TEXT), "{error}");
                assert!(!format!("{error:?}").contains(SECRET_TEXT), "{error:?}");
            }
        }
    }
}
