use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

#[test]
fn splits_like_a_json_parser() {
    let text = r#" { "a" : [1, {"b":"]}\""}] ,"c\u0041":null,"d":-1.5e3 , "e":{} }"#;
    let found: Vec<_> = members(text).unwrap().map(|m| m.unwrap()).collect();
    let found: Vec<_> = found.iter().map(|(k, v)| (k.as_ref(), *v)).collect();
    assert_eq!(
        found,
        [
            ("a", r#"[1, {"b":"]}\""}]"#),
            ("cA", "null"),
            ("d", "-1.5e3"),
            ("e", "{}")
        ]
    );
    let list: Vec<_> = elements("[ 1 ,\"x\", [ ] ]")
        .unwrap()
        .map(|e| e.unwrap())
        .collect();
    assert_eq!(list, ["1", "\"x\"", "[ ]"]);
    assert_eq!(elements("[]").unwrap().count(), 0);
}

#[test]
fn names_what_is_wrong() {
    fn first_error(text: &str) -> Result<usize, JsonError> {
        Ok(members(text)?.collect::<Result<Vec<_>, _>>()?.len())
    }
    for (text, what) in [
        ("[1]", "an object is wanted here"),
        ("{\"a\" 1}", "a `:` is missing behind a key"),
        ("{\"a\":1 \"b\":2}", "a `,` is missing between two parts"),
        ("{\"a\":", "the text ends in the middle"),
        ("{\"a\":\"x", "the text ends in the middle"),
        ("{\"a\":?}", "no JSON value begins like this"),
    ] {
        assert_eq!(first_error(text).unwrap_err().what, what, "{text}");
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[ -~\u{e9}\u{1F600}]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map("[a-z\"\\\\]{0,4}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

type Parted<'a> = Vec<Result<(Cow<'a, str>, &'a str), JsonError>>;

/// Without the short way for members that are written as nearly all are.
fn the_long_way(text: &str) -> Result<Parted<'_>, JsonError> {
    let mut parts = members(text)?.parts;
    let mut found = Vec::new();
    loop {
        let next = parts.advance().and_then(|more| {
            let member = more.then(|| {
                let key = parts.key()?;
                parts.expect(b':', "a `:` is missing behind a key")?;
                Ok((key, parts.value()?))
            });
            member.transpose()
        });
        match parts.hand_out(next) {
            Some(next) => found.push(next),
            None => return Ok(found),
        }
    }
}

proptest! {
    #[test]
    fn the_short_way_is_the_long_way(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", " ", "\n", "\"", "\\", "\"a\":", "\"b\":", ",\"c\":",
            "\"d\" :", "\"\\u0061\":", "null", "true", "false", "nul", "1", "-2.5", "\"x\"",
            "\"\\n\"", "{}", "[]", "{\"e\":[1]}", "é", "?",
        ]), 0..24),
        opened in any::<bool>(),
    ) {
        let text = format!("{}{}", if opened { "{" } else { "" }, pieces.concat());
        let short = members(&text).map(|members| members.collect::<Parted<'_>>());
        prop_assert_eq!(short, the_long_way(&text), "{}", text);
    }

    #[test]
    fn agrees_with_serde_json(value in prop::collection::btree_map("[a-z\"]{0,6}", json(), 0..6)) {
        let text = match value.len() % 2 {
            0 => serde_json::to_string_pretty(&value).unwrap(),
            _ => serde_json::to_string(&value).unwrap(),
        };
        let oracle: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&text).unwrap();
        let found: std::collections::BTreeMap<String, String> = members(&text)
            .unwrap()
            .map(|m| m.map(|(k, v)| (k.into_owned(), v.to_owned())))
            .collect::<Result<_, _>>()
            .unwrap();
        let oracle: std::collections::BTreeMap<String, String> =
            oracle.into_iter().map(|(k, v)| (k, v.get().to_owned())).collect();
        prop_assert_eq!(found, oracle);
    }

    #[test]
    fn never_panics_and_always_ends(text in "[\\[\\]{}\",:\\\\ a1é]{0,80}") {
        if let Ok(parts) = members(&text) { prop_assert!(parts.count() <= text.len() + 1); }
        if let Ok(parts) = elements(&text) { prop_assert!(parts.count() <= text.len() + 1); }
    }
}
