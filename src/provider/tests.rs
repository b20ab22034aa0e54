//! Our codec against go-cty's own bytes (fixtures/provider).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cty::{Type, Value};
use super::json::{self, Objects};
use super::msgpack;

const VECTORS: &str = include_str!("../../fixtures/provider/vectors.jsonl");

#[derive(Deserialize)]
struct Vector<'v> {
    name: String,
    #[serde(borrow, rename = "type")]
    own: &'v RawValue,
    msgpack: String,
    #[serde(borrow)]
    json: Option<&'v RawValue>,
}

fn vectors() -> impl Iterator<Item = (Vector<'static>, Type, Vec<u8>)> {
    VECTORS.lines().map(|line| {
        let vector: Vector<'_> = serde_json::from_str(line).unwrap();
        let own = Type::parse(vector.own.get().as_bytes()).unwrap();
        let bytes = hex::decode(&vector.msgpack).unwrap();
        (vector, own, bytes)
    })
}

fn has_set(own: &Type) -> bool {
    match own {
        Type::Set(_) => true,
        Type::Bool | Type::Number | Type::String | Type::Dynamic => false,
        Type::List(inner) | Type::Map(inner) => has_set(inner),
        Type::Tuple(all) => all.iter().any(has_set),
        Type::Object(all) => all.values().any(has_set),
    }
}

#[test]
fn every_value_of_go_cty_is_read_and_written() {
    let mut seen = 0;
    for (vector, own, bytes) in vectors() {
        let value = msgpack::read(&bytes, &own).unwrap_or_else(|error| {
            panic!("{}: {error}", vector.name);
        });
        let written = msgpack::write(&value, &own).unwrap();
        // Sets have no order; all else is the same to the byte.
        if !has_set(&own) && !vector.name.contains("dynamic object") {
            assert_eq!(written, bytes, "{}", vector.name);
        }
        let again = msgpack::read(&written, &own).unwrap();
        assert_eq!(again, value, "{}", vector.name);
        seen += 1;
    }
    assert!(seen >= 40, "{seen}");
}

#[test]
fn json_and_msgpack_say_the_same() {
    let mut seen = 0;
    for (vector, own, bytes) in vectors() {
        let value = msgpack::read(&bytes, &own).unwrap();
        // To the reader of this file, a JSON null is no JSON.
        let text = match vector.json {
            Some(text) => text.get(),
            None if value.is_null() => "null",
            None => {
                let infinite = vector.name.contains("infinite");
                assert!(infinite || !value.is_wholly_known(), "{}", vector.name);
                continue;
            }
        };
        let read = json::read(text, &own, Objects::Exact).unwrap();
        assert_eq!(read, value, "{}", vector.name);
        let again = json::read(&json::write(&value), &own, Objects::Exact).unwrap();
        assert_eq!(again, value, "{}", vector.name);
        seen += 1;
    }
    assert!(seen >= 25, "{seen}");
}

/// Cut short or with a bit turned, a value is refused or read as another one: never a panic, and
/// never more memory than the bytes justify.
#[test]
fn a_damaged_value_does_no_harm() {
    for (vector, own, bytes) in vectors() {
        for end in 0..bytes.len().min(300) {
            assert!(
                msgpack::read(&bytes[..end], &own).is_err(),
                "{} cut at {end}",
                vector.name
            );
        }
        for at in 0..bytes.len().min(60) {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                drop::<Result<Value, _>>(msgpack::read(&damaged, &own));
            }
        }
    }
}
