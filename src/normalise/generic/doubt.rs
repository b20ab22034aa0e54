//! Which differences between values that only share a name are beyond doubt.

use crate::model::{Number, Value};
use crate::normalise::equal::Difference;

/// Why two values that are not the same are no difference either.
pub(in crate::normalise) const UNCLEAR: &str = "the attribute is matched by name only, and the two \
    values may be two writings of one";

/// Where the values differ beyond doubt: both sides set, of one kind, and no two writings of one.
pub(in crate::normalise) fn certain(
    found: Vec<Difference>,
    approved: &Value,
    live: &Value,
) -> Vec<Difference> {
    let is_certain = |found: &Difference| match (approved, live) {
        (Value::List(one), Value::List(other)) => lists_clash(one, other),
        _ => clash(&found.approved, &found.live),
    };
    found.into_iter().filter(is_certain).collect()
}

/// An element of only one side may still be a writing of one that only the other has.
fn lists_clash(one: &[Value], other: &[Value]) -> bool {
    let is_text = |value: &Value| matches!(value, Value::String(_));
    if !one.iter().chain(other).all(is_text) {
        return false;
    }
    let only_one: Vec<_> = one.iter().filter(|value| !other.contains(value)).collect();
    let only_other: Vec<_> = other.iter().filter(|value| !one.contains(value)).collect();
    if only_one.is_empty() || only_other.is_empty() {
        // What both have shows that they are written alike.
        let has_common = only_one.len() < one.len() && only_other.len() < other.len();
        return has_common && only_one.len() + only_other.len() > 0;
    }
    let mut pairs = only_one
        .iter()
        .flat_map(|one| only_other.iter().map(move |two| (one, two)));
    pairs.all(|(one, other)| clash(one, other))
}

fn clash(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Bool(_), Value::Bool(_)) => one != other,
        (Value::Number(one), Value::Number(other)) => one != other,
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => {
            let other = text.parse::<i128>().ok().map(Number::Int);
            other.is_some_and(|other| matches!(number, Number::Int(_)) && other != *number)
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            let word = if *flag { "false" } else { "true" };
            text.eq_ignore_ascii_case(word)
        }
        (Value::String(one), Value::String(other)) => texts_clash(one, other),
        _ => false,
    }
}

fn texts_clash(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let (a, b) = (plain(one), plain(other));
    // A version and its first parts, a name and a path or an ARN that ends in it, another case.
    if a.is_empty() || b.is_empty() || a.contains(&b) || b.contains(&a) {
        return false;
    }
    match (Writing::of(one), Writing::of(other)) {
        (Writing::Document | Writing::Time, _) | (_, Writing::Document | Writing::Time) => false,
        (one, other) => one == other,
    }
}

/// Letters and digits alone: `APP_RUNNER`, `app-runner` and `AppRunner` are one.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|kept| kept.is_alphanumeric());
    let upper = kept.flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

/// How a text is written: values written in different ways may be names of one thing.
#[derive(Debug, PartialEq, Eq)]
enum Writing<'t> {
    /// JSON, XML, or anything of several lines.
    Document,
    Time,
    /// Service and kind of resource.
    Arn(&'t str, &'t str),
    Url,
    Address,
    /// `sg-0abc`: what stands before the number.
    Id(&'t str),
    Uuid,
    Number,
    Words,
}

impl<'t> Writing<'t> {
    fn of(text: &'t str) -> Self {
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if text.starts_with(['{', '[', '<', '"', '%']) || text.contains('\n') {
            return Self::Document;
        }
        if text.starts_with("arn:") {
            let mut parts = text.splitn(6, ':').skip(2);
            let service = parts.next().unwrap_or_default();
            let resource = parts.nth(2).unwrap_or_default();
            let kind = resource.split_once([':', '/']).map_or("", |(kind, _)| kind);
            return Self::Arn(service, kind);
        }
        if text.contains("://") {
            return Self::Url;
        }
        if is_time(text) {
            return Self::Time;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Number;
        }
        if text.contains(['.', ':']) && text.bytes().all(is_of_address) {
            return Self::Address;
        }
        if text.len() == 36 && text.split('-').all(is_hex) {
            return Self::Uuid;
        }
        match text.rsplit_once('-') {
            Some((kind, number)) if number.len() >= 8 && is_hex(number) => Self::Id(kind),
            _ => Self::Words,
        }
    }
}

fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/')
}

/// `2026-11-01…`: times have zones and fractions.
fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, count: usize| {
        part.is_some_and(|part| part.len() == count && part.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(parts.next(), 4) && digits(parts.next(), 2) && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::AttributePath;

    fn is_certain(approved: &str, live: &str) -> bool {
        let read = |text| crate::ingest::json::parse(text).unwrap();
        let (approved, live) = (read(approved), read(live));
        let found = Difference {
            pointer: AttributePath::root(),
            approved: approved.clone(),
            live: live.clone(),
        };
        !certain(vec![found], &approved, &live).is_empty()
    }

    #[test]
    fn set_values_of_one_kind_differ() {
        for (approved, live) in [
            (r#""red""#, r#""blue""#),
            ("5", "6"),
            ("5", "50"),
            ("5", r#""6""#),
            ("true", "false"),
            ("true", r#""FALSE""#),
            (r#""sg-01234567""#, r#""sg-89abcdef""#),
            (r#""8.0.1""#, r#""5.7.2""#),
            (r#""arn:aws:iam::1:role/a""#, r#""arn:aws:iam::1:role/b""#),
            (r#"["a","b"]"#, r#"["c"]"#),
            (r#"["a","b"]"#, r#"["b"]"#),
            (r#"["a"]"#, r#"["a","b"]"#),
        ] {
            assert!(is_certain(approved, live), "{approved} {live}");
        }
    }

    #[test]
    fn what_may_be_two_writings_of_one_is_no_difference() {
        for (approved, live) in [
            ("null", r#""blue""#),
            (r#""red""#, "null"),
            (r#""""#, r#""blue""#),
            ("[]", r#"["a"]"#),
            (r#""TCP""#, r#""tcp""#),
            (r#""APP_RUNNER""#, r#""AppRunner""#),
            (r#""8.0""#, r#""8.0.43""#),
            (r#""r""#, r#""arn:aws:iam::1:role/r""#),
            (r#""alias/key""#, r#""arn:aws:kms:eu-west-1:1:key/0123""#),
            (r#""sg-01234567""#, r#""web""#),
            (
                r#""arn:aws:iam::1:role/a""#,
                r#""arn:aws:iam::1:instance-profile/b""#,
            ),
            (r#""https://a.example""#, r#""queue""#),
            (r#""{\"a\":1}""#, r#""{\"a\":2}""#),
            (
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T01:00:00+01:00""#,
            ),
            (r#""red""#, r#"{"name":"blue"}"#),
            ("true", r#""ENABLED""#),
            ("5", r#""five""#),
            (r#"["a","sg-01234567"]"#, r#"["b"]"#),
            (r#"["a"]"#, r#"[{"name":"b"}]"#),
            (r#"["a","b"]"#, r#"["b","a"]"#),
            (r#"["a"]"#, r#"[]"#),
            (r#"["web"]"#, r#"["a","WEB"]"#),
        ] {
            assert!(!is_certain(approved, live), "{approved} {live}");
        }
    }

    proptest! {
        #[test]
        fn the_sides_may_be_swapped(one in "[aA0-9.:/_-]{0,9}", other in "[aA0-9.:/_-]{0,9}") {
            prop_assert_eq!(texts_clash(&one, &other), texts_clash(&other, &one));
        }

        #[test]
        fn nothing_differs_from_itself(text in "[ -~]{0,12}") {
            prop_assert!(!texts_clash(&text, &text));
            prop_assert!(!texts_clash(&text, &text.to_uppercase()));
        }
    }
}
