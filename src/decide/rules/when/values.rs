//! What can be done with values without knowing the expression.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hcl_edit::expr::BinaryOperator;

use crate::model::{Number, Value};

/// With its article, for messages.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) | Value::Sensitive(_) => "an object",
    }
}

pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}

/// How much work it is to copy or compare the value.
pub(super) fn weight(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => 1,
        Value::String(text) => 1 + text.len() as u64 / 64,
        Value::List(list) => 1 + list.iter().map(weight).sum::<u64>(),
        Value::Map(map) => 1 + map.values().map(|one| 1 + weight(one)).sum::<u64>(),
    }
}

pub(super) fn entries(value: &Value) -> Option<Box<dyn Iterator<Item = (Value, &Value)> + '_>> {
    match value {
        Value::List(list) => Some(Box::new((0_i64..).map(Value::from).zip(list))),
        Value::Map(map) => Some(Box::new(
            map.iter()
                .map(|(key, one)| (Value::string(key.as_str()), one)),
        )),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sensitive(_) => None,
    }
}

pub(super) fn insert(
    object: &mut BTreeMap<String, Value>,
    key: String,
    value: Value,
    grouping: bool,
) -> bool {
    if !grouping {
        return object.insert(key, value).is_none();
    }
    let group = object.entry(key).or_insert_with(|| Value::List(Vec::new()));
    if let Value::List(list) = group {
        list.push(value);
    }
    true
}

/// The result, or nothing where there is no finite one.
pub(super) fn calculate(a: Number, operator: BinaryOperator, b: Number) -> Option<Number> {
    use BinaryOperator as Op;
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        let exact = match operator {
            Op::Plus => a.checked_add(b),
            Op::Minus => a.checked_sub(b),
            Op::Mul => a.checked_mul(b),
            Op::Mod => return a.checked_rem(b).map(Number::Int),
            Op::Div if b != 0 && a.checked_rem(b) == Some(0) => a.checked_div(b),
            _ => None,
        };
        if let Some(int) = exact {
            return Some(Number::Int(int));
        }
    }
    let float = |number| match number {
        Number::Int(int) => int as f64,
        Number::Float(float) => float,
    };
    let (a, b) = (float(a), float(b));
    let result = match operator {
        Op::Plus => a + b,
        Op::Minus => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Mod => a % b,
        _ => return None,
    };
    result.is_finite().then(|| Number::from_f64(result))
}
