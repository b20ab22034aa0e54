//! Whether two values of an attribute that no table knows are plainly the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Number, Value};

/// Whether two values are the same: nothing is written in several ways.
pub(super) fn same(approved: &Value, live: &Value) -> bool {
    if is_nothing(approved) && is_nothing(live) {
        return true;
    }
    match (approved, live) {
        (Value::List(approved), Value::List(live)) => {
            let mut pairs = approved.iter().zip(live);
            approved.len() == live.len() && pairs.all(|(one, other)| same(one, other))
        }
        (Value::Map(approved), Value::Map(live)) => {
            fields(approved, live).all(|(one, other)| same(one, other))
        }
        (one, other) => one == other,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => false,
    }
}

/// The same, but for what nobody wrote and the provider shows to be off, at any depth. A block that
/// nobody wrote is none: that it is there says something, whatever is in it.
pub(super) fn is_left_open(approved: &Value, live: &Value) -> bool {
    match (approved, live) {
        (approved, Value::Bool(false) | Value::Number(Number::Int(0))) if is_nothing(approved) => {
            true
        }
        (Value::List(approved), Value::List(live)) if approved.len() == live.len() => {
            let mut pairs = approved.iter().zip(live);
            pairs.all(|(one, other)| is_left_open(one, other))
        }
        (Value::Map(approved), Value::Map(live)) => {
            fields(approved, live).all(|(one, other)| is_left_open(one, other))
        }
        (one, other) => same(one, other),
    }
}

/// What is approved, and where that says nothing, what the state said when it was applied.
pub(super) fn filled(approved: &Value, before: &Value) -> Value {
    match (approved, before) {
        (Value::List(approved), Value::List(before))
            if approved.len() == before.len() && !approved.is_empty() =>
        {
            let pairs = approved.iter().zip(before);
            Value::List(pairs.map(|(one, other)| filled(one, other)).collect())
        }
        (Value::Map(approved), Value::Map(before)) => {
            let names = approved.keys().chain(before.keys()).cloned();
            let names: BTreeSet<String> = names.collect();
            let pairs = fields(approved, before).map(|(one, other)| filled(one, other));
            Value::Map(names.into_iter().zip(pairs).collect())
        }
        (one, other) if is_nothing(one) => other.clone(),
        (one, _) => one.clone(),
    }
}

/// The values of both under each name that one of them has, in the order of the names.
fn fields<'v>(
    one: &'v BTreeMap<String, Value>,
    other: &'v BTreeMap<String, Value>,
) -> impl Iterator<Item = (&'v Value, &'v Value)> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let of =
        |map: &'v BTreeMap<String, Value>, name: &String| map.get(name).unwrap_or(&Value::Null);
    names
        .into_iter()
        .map(move |name| (of(one, name), of(other, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        crate::ingest::json::parse(text).unwrap()
    }

    #[test]
    fn nothing_is_the_same_however_it_is_written() {
        for (one, other) in [
            ("null", "[]"),
            ("\"\"", "null"),
            ("{}", "null"),
            (r#"{"a":null,"b":[]}"#, "{}"),
            (r#"[{"a":1,"b":""}]"#, r#"[{"a":1}]"#),
            ("5", "5.0"),
        ] {
            assert!(same(&read(one), &read(other)), "{one} {other}");
            assert!(same(&read(other), &read(one)), "{other} {one}");
        }
        for (one, other) in [
            ("null", "false"),
            ("null", "0"),
            ("[]", "[null]"),
            ("[]", "[0]"),
            ("\"\"", "\" \""),
            ("{}", r#"{"a":0}"#),
            ("[1,2]", "[2,1]"),
            ("5", "\"5\""),
            (r#"[{"a":1}]"#, r#"[{"a":2}]"#),
        ] {
            assert!(!same(&read(one), &read(other)), "{one} {other}");
            assert!(!same(&read(other), &read(one)), "{other} {one}");
        }
    }

    #[test]
    fn off_is_what_nobody_wrote_and_no_more() {
        assert!(is_left_open(&read("null"), &read("false")));
        assert!(is_left_open(&read("[]"), &read("0")));
        assert!(!is_left_open(&read("null"), &read("true")));
        assert!(!is_left_open(&read("null"), &read("\"0\"")));
        assert!(!is_left_open(&read("true"), &read("false")));
        assert!(!is_left_open(&read("1"), &read("0")));
        for (one, other) in [
            (
                r#"[{"a":1,"b":null}]"#,
                r#"[{"a":1,"b":0,"c":false,"d":""}]"#,
            ),
            (r#"{"a":{"b":null}}"#, r#"{"a":{"b":false,"c":[]}}"#),
        ] {
            assert!(is_left_open(&read(one), &read(other)), "{one} {other}");
        }
        for (one, other) in [
            ("[]", r#"[{"uid":0}]"#),
            (r#"[{"a":1,"b":null}]"#, r#"[{"a":1,"b":1}]"#),
            (r#"[{"a":1,"b":5}]"#, r#"[{"a":1,"b":0}]"#),
            (r#"[{"a":1,"b":null}]"#, r#"[{"a":0,"b":0}]"#),
        ] {
            assert!(!is_left_open(&read(one), &read(other)), "{one} {other}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_as_the_state_said() {
        for (approved, before, filled_in) in [
            ("null", "5", "5"),
            ("[]", r#"[{"a":1}]"#, r#"[{"a":1}]"#),
            (
                r#"[{"a":1,"b":null}]"#,
                r#"[{"a":2,"b":7,"c":8}]"#,
                r#"[{"a":1,"b":7,"c":8}]"#,
            ),
            (
                r#"[{"a":1},{"a":2}]"#,
                r#"[{"a":1,"b":7}]"#,
                r#"[{"a":1},{"a":2}]"#,
            ),
            ("3", "5", "3"),
        ] {
            let own = filled(&read(approved), &read(before));
            assert_eq!(own, read(filled_in), "{approved} {before}");
        }
    }
}
