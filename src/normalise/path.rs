//! Paths into live items and Terraform values, as the tables write them: `a.b.0.c`, `a.*.b`,
//! `a[key]` for the value of a key in a list of keys and values, `.` for the thing itself.

use std::fmt;

use crate::model::{AttributePath, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Up to the first `*`: what the scan captures.
    pub captured: Vec<Box<str>>,
    /// Behind the first `*`: applied to each element of the captured list.
    pub each: Option<Vec<Box<str>>>,
}

/// The value itself, as approved sides have it.
pub static WHOLE: Path = Path {
    captured: Vec::new(),
    each: None,
};

impl Path {
    pub fn parse(text: &str) -> Self {
        let mut captured = tokens(text);
        let star = captured.iter().position(|token| &**token == "*");
        let each = star.map(|star| {
            let mut rest = captured.split_off(star);
            rest.remove(0);
            rest
        });
        Self { captured, each }
    }

    /// As a JSON pointer, for Terraform attributes.
    pub fn pointer(&self) -> AttributePath {
        self.captured
            .iter()
            .fold(AttributePath::root(), |path, token| path.child(token))
    }

    /// The value that the part behind the star makes of a captured list.
    pub fn apply_each(&self, captured: Value) -> Value {
        match (&self.each, captured) {
            (Some(rest), Value::List(list)) => Value::List(
                list.iter()
                    .filter_map(|element| find(element, rest).cloned())
                    .collect(),
            ),
            (_, other) => other,
        }
    }
}

/// As the tables write it.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star: &[Box<str>] = match &self.each {
            Some(_) => &["*".into()],
            None => &[],
        };
        let tokens = self.captured.iter().chain(star);
        for (at, token) in tokens.chain(self.each.iter().flatten()).enumerate() {
            // Keys in brackets follow without a dot.
            let dot = if at == 0 || token.starts_with('[') {
                ""
            } else {
                "."
            };
            write!(f, "{dot}{token}")?;
        }
        Ok(())
    }
}

/// Keys of lists stand in brackets, because they have dots of their own.
fn tokens(text: &str) -> Vec<Box<str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.starts_with('[') {
            true => rest.find(']').map(|end| end + 1),
            false => rest.find(['.', '[']),
        };
        let (token, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if !token.is_empty() {
            found.push(token.into());
        }
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    found
}

/// The key that a token `[key]` asks for.
pub fn keyed(token: &str) -> Option<&str> {
    token.strip_prefix('[')?.strip_suffix(']')
}

/// Looks a path up, names folded.
pub fn find<'v>(value: &'v Value, tokens: &[Box<str>]) -> Option<&'v Value> {
    tokens.iter().try_fold(value, |here, token| match here {
        Value::Map(map) => map
            .iter()
            .find(|(key, _)| folded_eq(key, token))
            .map(|(_, value)| value),
        Value::List(list) => match keyed(token) {
            Some(key) => list.iter().find_map(|pair| {
                let field = |name: &str| find(pair, &[name.into()]);
                (field("key")?.as_str() == Some(key)).then(|| field("value"))?
            }),
            None => list.get(token.parse::<usize>().ok()?),
        },
        _ => None,
    })
}

/// Whether two names are the same but for case and underscores: one cloud API says `kmsKeyId`,
/// another `KMSKeyID`, Terraform `kms_key_id`.
pub fn folded_eq(one: &str, other: &str) -> bool {
    one == other || folded(one).eq(folded(other))
}

/// The bytes of a name without case and underscores.
pub fn folded(name: &str) -> impl DoubleEndedIterator<Item = u8> + '_ {
    name.bytes()
        .filter(|byte| *byte != b'_')
        .map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_the_same_but_for_case_and_underscores() {
        assert!(folded_eq("kms_key_id", "KMSKeyID"));
        assert!(folded_eq("_a__b_", "AB"));
        assert!(!folded_eq("kms_key_id", "kms_key_ids"));
        assert!(!folded_eq("a-b", "ab"));
        assert!(!folded_eq("é", "É"));
    }

    #[test]
    fn a_path_is_shown_as_it_is_written() {
        for text in ["a", "a.b.0.c", "a.*", "a.*.b.c", "a.list[x.y_z].b"] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
    }

    #[test]
    fn paths_are_names_places_and_keys() {
        let path = |text: &str| Path::parse(text).captured.join("|");
        assert_eq!(path("a.b.0.c"), "a|b|0|c");
        assert_eq!(path("a.list[x.y_z].b"), "a|list|[x.y_z]|b");
        assert_eq!(path("."), "");
        let pairs = r#"{"a":[{"Key":"x.y","Value":"1"},{"key":"x_y","value":"2"}]}"#;
        let pairs = crate::ingest::json::parse(pairs).unwrap();
        let at = |text: &str| find(&pairs, &Path::parse(text).captured).and_then(Value::as_str);
        assert_eq!(at("a[x.y]"), Some("1"));
        assert_eq!(at("a[x_y]"), Some("2"));
        assert_eq!(
            at("a[xy]"),
            None,
            "keys are values, and values are not folded"
        );
    }

    proptest! {
        #[test]
        fn agrees_with_folding_whole_names(one in "[aAbB_é]{0,6}", other in "[aAbB_é]{0,6}") {
            let slow = |text: &str| text.replace('_', "").to_ascii_lowercase();
            prop_assert_eq!(folded_eq(&one, &other), slow(&one) == slow(&other));
        }
    }
}
