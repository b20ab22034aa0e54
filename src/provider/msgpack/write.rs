//! A value to bytes.

use rmp::encode;

use super::error::MsgpackError;
use super::refined;
use crate::provider::cty::{Number, Type, Unknown, Value};

/// Writes a value of that type.
///
/// # Errors
/// A value that is none of the type.
pub fn write(value: &Value, own: &Type) -> Result<Vec<u8>, MsgpackError> {
    let mut out = Vec::with_capacity(256);
    one(&mut out, value, own)?;
    Ok(out)
}

/// Writing into memory does not fail; a length beyond 32 bits might.
pub(super) fn failed<E>(_: E) -> MsgpackError {
    MsgpackError::new("the value is too long")
}

fn one(out: &mut Vec<u8>, value: &Value, own: &Type) -> Result<(), MsgpackError> {
    match (value, own) {
        (Value::Null, _) => encode::write_nil(out).map_err(failed),
        (Value::Unknown(unknown), _) => write_unknown(out, unknown),
        (Value::Bool(flag), Type::Bool) => encode::write_bool(out, *flag).map_err(failed),
        (Value::Number(number_value), Type::Number) => number(out, number_value),
        (Value::String(text), Type::String) => encode::write_str(out, text).map_err(failed),
        (Value::List(all), Type::List(element)) | (Value::Set(all), Type::Set(element)) => {
            array_length(out, all.len())?;
            all.iter().try_for_each(|value| one(out, value, element))
        }
        (Value::Tuple(all), Type::Tuple(types)) if all.len() == types.len() => {
            array_length(out, all.len())?;
            let mut both = all.iter().zip(types);
            both.try_for_each(|(value, own)| one(out, value, own))
        }
        (Value::Map(all), Type::Map(element)) => {
            map_length(out, all.len())?;
            all.iter().try_for_each(|(key, value)| {
                encode::write_str(out, key).map_err(failed)?;
                one(out, value, element)
            })
        }
        (Value::Object(all), Type::Object(attributes)) => {
            map_length(out, attributes.len())?;
            if all.len() != attributes.len() {
                return Err(MsgpackError::new("an object of another type"));
            }
            attributes.iter().try_for_each(|(name, own)| {
                let missing = || MsgpackError::new("it is missing").within(name);
                let value = all.get(name).ok_or_else(missing)?;
                encode::write_str(out, name).map_err(failed)?;
                one(out, value, own).map_err(|error| error.within(name))
            })
        }
        (Value::Dynamic(typed), Type::Dynamic) => {
            let (own, value) = &**typed;
            encode::write_array_len(out, 2).map_err(failed)?;
            encode::write_bin(out, own.to_json().as_bytes()).map_err(failed)?;
            one(out, value, own)
        }
        (
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Tuple(_)
            | Value::Object(_)
            | Value::Dynamic(_),
            _,
        ) => Err(MsgpackError::new("a value of another type")),
    }
}

fn array_length(out: &mut Vec<u8>, length: usize) -> Result<(), MsgpackError> {
    let length = u32::try_from(length).map_err(failed)?;
    encode::write_array_len(out, length)
        .map(|_| ())
        .map_err(failed)
}

fn map_length(out: &mut Vec<u8>, length: usize) -> Result<(), MsgpackError> {
    let length = u32::try_from(length).map_err(failed)?;
    encode::write_map_len(out, length)
        .map(|_| ())
        .map_err(failed)
}

/// An integer where it is one, a double where it came as one, else the digits.
pub(super) fn number(out: &mut Vec<u8>, number: &Number) -> Result<(), MsgpackError> {
    if let Some(int) = number.as_i64() {
        return encode::write_sint(out, int).map(|_| ()).map_err(failed);
    }
    match number.as_wire_float() {
        Some(float) => encode::write_f64(out, float).map_err(failed),
        None => encode::write_str(out, &number.to_string()).map_err(failed),
    }
}

fn write_unknown(out: &mut Vec<u8>, unknown: &Unknown) -> Result<(), MsgpackError> {
    let payload = refined::payload(unknown)?;
    let (code, payload) = match payload.is_empty() {
        true => (super::PLAIN, vec![0]),
        false => (super::REFINED, payload),
    };
    let length = u32::try_from(payload.len()).map_err(failed)?;
    encode::write_ext_meta(out, length, code).map_err(failed)?;
    out.extend_from_slice(&payload);
    Ok(())
}
