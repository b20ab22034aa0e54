//! Text to a tree, exactly or not at all.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::JsonError;
use super::tree::{Lying, Shape, Tree};
use crate::model::{Number, Value};

const TWICE: &str = "a key stands twice in one object";
const TOO_LONG: &str = "a number has more digits than can be compared exactly";

/// The value as a tree. Only what differs, and what needs a canonical form, is worth one.
///
/// # Errors
/// Text that is not JSON; an object with one key twice, of which readers disagree what it means;
/// a number that neither 64 bits nor a double hold exactly as an integer.
pub fn parse(raw: &str) -> Result<Value, JsonError> {
    build(raw)
}

/// As [`parse`], for what is looked at once: nothing is copied that need not be.
///
/// # Errors
/// As `parse`.
pub fn parse_lying(raw: &str) -> Result<Lying<'_>, JsonError> {
    build(raw)
}

fn build<'a, T: Tree<'a>>(raw: &'a str) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(raw);
    let parsed = Exact(PhantomData)
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    parsed.map_err(|error| malformed(raw, &error))
}

/// Whether [`parse`] would take the text. Nothing is built.
///
/// # Errors
/// As `parse`.
pub fn check(raw: &str) -> Result<(), JsonError> {
    let mut reader = serde_json::Deserializer::from_str(raw);
    let checked = Checked.deserialize(&mut reader).and_then(|()| reader.end());
    checked.map_err(|error| malformed(raw, &error))
}

/// The parser's own text may quote the input, which may be a secret: its kind is enough.
pub(super) fn malformed(raw: &str, error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    let known = [
        (TWICE, TWICE),
        (TOO_LONG, TOO_LONG),
        ("number out of range", "a number is out of range"),
        (
            "recursion limit exceeded",
            "brackets are nested more than 120 deep",
        ),
        (
            "lone leading surrogate",
            "text with half of a surrogate pair",
        ),
        (
            "unexpected end of hex escape",
            "text with half of a surrogate pair",
        ),
        (
            "control character",
            "text with a control character that is not escaped",
        ),
        ("EOF", "the text ends in the middle"),
    ];
    let what = known.iter().find(|(theirs, _)| text.starts_with(theirs));
    let what = what.map_or("malformed JSON", |(_, ours)| ours);
    let lines_before = raw
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let at = lines_before.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    JsonError::new(at, what)
}

struct Exact<T>(PhantomData<T>);

impl<'de, T: Tree<'de>> DeserializeSeed<'de> for Exact<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Tree<'de>> Visitor<'de> for Exact<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        built(Shape::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        built(Shape::Bool(flag))
    }

    fn visit_i64<E: Error>(self, int: i64) -> Result<T, E> {
        built(Shape::Number(Number::Int(int.into())))
    }

    fn visit_u64<E: Error>(self, int: u64) -> Result<T, E> {
        built(Shape::Number(Number::Int(int.into())))
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<T, E> {
        built(Shape::Number(Number::from_f64(exact(float)?)))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        built(Shape::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        built(Shape::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element_seed(Exact(PhantomData))? {
            list.push(element);
        }
        built(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<T, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key_seed(KeySeed)? {
            members.push((key, access.next_value_seed(Exact(PhantomData))?));
        }
        built(Shape::Map(members))
    }
}

fn built<'de, T: Tree<'de>, E: Error>(shape: Shape<'de, T>) -> Result<T, E> {
    T::built(shape).ok_or_else(|| E::custom(TWICE))
}

/// Whether none of the keys stands twice.
pub(crate) fn are_unique<K: Ord>(mut keys: Vec<K>) -> bool {
    keys.sort_unstable();
    keys.is_sorted_by(|one, other| one < other)
}

/// Beyond 64 bits the parser has already rounded.
fn exact<E: Error>(float: f64) -> Result<f64, E> {
    const ABOVE: f64 = 18_446_744_073_709_551_616.0;
    const BELOW: f64 = -9_223_372_036_854_775_808.0;
    if BELOW < float && float < ABOVE {
        Ok(float)
    } else {
        Err(E::custom(TOO_LONG))
    }
}

/// Looks at everything as `Exact` does, and keeps nothing.
struct Checked;

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<(), E> {
        exact(float).map(drop)
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Checked)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let mut keys: Vec<Key<'de>> = Vec::new();
        while let Some(key) = access.next_key_seed(KeySeed)? {
            keys.push(key);
            access.next_value_seed(Checked)?;
        }
        match are_unique(keys) {
            true => Ok(()),
            false => Err(A::Error::custom(TWICE)),
        }
    }
}

type Key<'de> = Cow<'de, str>;

/// A key, borrowed where nothing in it is escaped.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
        Ok(Key::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
        Ok(Key::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(raw: &str) -> (usize, String) {
        let error = parse(raw).unwrap_err();
        (error.at, error.what.into_owned())
    }

    #[test]
    fn refuses_what_it_cannot_hold_exactly() {
        let forty_digits = "1234567890123456789012345678901234567890";
        for (raw, what) in [
            (r#"{"a":1,"b":{"c":1,"c":1}}"#, TWICE),
            (forty_digits, TOO_LONG),
            ("-9223372036854775809", TOO_LONG),
            ("18446744073709551616", TOO_LONG),
            ("1e999", "a number is out of range"),
            (r#""\ud800""#, "text with half of a surrogate pair"),
            (r#""\ud800x""#, "text with half of a surrogate pair"),
            (
                "\"a\0b\"",
                "text with a control character that is not escaped",
            ),
            ("[1", "the text ends in the middle"),
            ("tru", "the text ends in the middle"),
            ("trux", "malformed JSON"),
            ("01", "malformed JSON"),
            ("1 2", "malformed JSON"),
        ] {
            assert_eq!(refusal(raw).1, what, "{raw}");
        }
        assert_eq!(refusal("[1,\n 2,\n ?]").0, 9);
    }

    #[test]
    fn holds_integers_of_64_bits_exactly() {
        for raw in [
            "18446744073709551615",
            "-9223372036854775808",
            "9007199254740993",
        ] {
            let Value::Number(number) = parse(raw).unwrap() else {
                panic!("{raw} is a number");
            };
            assert_eq!(number.to_string(), raw);
        }
        assert_eq!(parse(r#""\u0000""#).unwrap(), Value::from("\0"));
        assert_eq!(parse("5.0").unwrap(), parse("5").unwrap());
    }

    #[test]
    fn deep_nesting_overflows_no_stack() {
        for depth in [5_000, 100_000] {
            let nested = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(refusal(&nested).1, "brackets are nested more than 120 deep");
        }
        let deepest = "[".repeat(120) + &"]".repeat(120);
        drop(parse(&deepest).unwrap());
    }
}
