//! Values of dynamic type: with their type, as states have them, or without, as plans do.

use std::collections::BTreeMap;

use super::{JsonValueError, number, string};
use crate::ingest::json::{elements, members};
use crate::provider::cty::{Name, Type, Value};

/// The type that a value brings along, and the value.
pub(super) fn typed(text: &str) -> Option<(Type, &str)> {
    let (mut own, mut value) = (None, None);
    for member in members(text).ok()? {
        let (key, part) = member.ok()?;
        match key.as_ref() {
            "type" => own = Some(Type::parse(part.as_bytes()).ok()?),
            "value" => value = Some(part),
            _ => return None,
        }
    }
    own.zip(value)
}

/// A value with the type that its text shows.
pub(super) fn inferred(text: &str, depth: usize) -> Result<(Type, Value), JsonValueError> {
    let too_deep = JsonValueError::new("the value is nested too deep");
    let depth = depth.checked_sub(1).ok_or(too_deep)?;
    let not_json = |_| JsonValueError::new("it is not JSON");
    match text.as_bytes().first() {
        Some(b'n') => Ok((Type::Dynamic, Value::Null)),
        Some(b't' | b'f') => Ok((Type::Bool, Value::Bool(text == "true"))),
        Some(b'"') => Ok((Type::String, Value::string(&*string(text)?))),
        Some(b'[') => {
            let parts = elements(text).map_err(not_json)?;
            let all = parts.map(|part| inferred(part.map_err(not_json)?, depth));
            let (types, values) = all.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            Ok((Type::Tuple(types), Value::Tuple(values)))
        }
        Some(b'{') => {
            let (mut types, mut values) = (BTreeMap::new(), BTreeMap::new());
            for member in members(text).map_err(not_json)? {
                let (key, part) = member.map_err(not_json)?;
                let (own, value) = inferred(part, depth)?;
                types.insert(Name::from(&*key), own);
                values.insert(Name::from(&*key), value);
            }
            Ok((Type::Object(types), Value::Object(values)))
        }
        _ => Ok((Type::Number, Value::Number(number(text)?))),
    }
}
