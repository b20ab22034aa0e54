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
            let keys: BTreeSet<&String> = approved.keys().chain(live.keys()).collect();
            let of = |map: &BTreeMap<String, Value>, key: &String| {
                map.get(key).cloned().unwrap_or_default()
            };
            keys.into_iter()
                .all(|key| same(&of(approved, key), &of(live, key)))
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

/// Nobody wrote the value, and the provider shows that it is off.
pub(super) fn is_left_open(approved: &Value, live: &Value) -> bool {
    let zero = Value::Number(Number::Int(0));
    is_nothing(approved) && (*live == Value::Bool(false) || *live == zero)
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
    }
}
