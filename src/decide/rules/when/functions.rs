//! The functions of a `when`. Their names and meanings are Terraform's where Terraform has them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::net::Prefix;
use super::values::{kind_of, text_of, weight};
use crate::model::{Number, Value};

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal..=$most:expr, $usage:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant,)*
        }

        impl Function {
            pub(super) const ALL: [Self; [$($least),*].len()] = [$(Self::$variant,)*];

            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The least and the greatest number of arguments.
            pub(super) fn arguments(self) -> (usize, usize) {
                match self {
                    $(Self::$variant => ($least, $most),)*
                }
            }

            pub(super) fn usage(self) -> &'static str {
                match self {
                    $(Self::$variant => $usage,)*
                }
            }
        }
    };
}

functions! {
    Alltrue "alltrue" 1..=1, "`alltrue(list)`";
    Anytrue "anytrue" 1..=1, "`anytrue(list)`";
    Can "can" 1..=1, "`can(expression)`";
    Cidrcontains "cidrcontains" 2..=2, "`cidrcontains(range, range_or_address)`";
    Coalesce "coalesce" 1..=usize::MAX, "`coalesce(value, ...)`";
    Concat "concat" 1..=usize::MAX, "`concat(list, ...)`";
    Contains "contains" 2..=2, "`contains(list, value)`";
    Distinct "distinct" 1..=1, "`distinct(list)`";
    Endswith "endswith" 2..=2, "`endswith(text, suffix)`";
    Flatten "flatten" 1..=1, "`flatten(list)`";
    Jsondecode "jsondecode" 1..=1, "`jsondecode(text)`";
    Keys "keys" 1..=1, "`keys(object)`";
    Length "length" 1..=1, "`length(list_object_or_text)`";
    Lookup "lookup" 2..=3, "`lookup(object, key, default)`";
    Lower "lower" 1..=1, "`lower(text)`";
    Startswith "startswith" 2..=2, "`startswith(text, prefix)`";
    Strcontains "strcontains" 2..=2, "`strcontains(text, part)`";
    Tonumber "tonumber" 1..=1, "`tonumber(value)`";
    Toset "toset" 1..=1, "`toset(list)`";
    Tostring "tostring" 1..=1, "`tostring(value)`";
    Try "try" 1..=usize::MAX, "`try(expression, ...)`";
    Upper "upper" 1..=1, "`upper(text)`";
    Values "values" 1..=1, "`values(object)`";
}

type Args<'a> = [Cow<'a, Value>];

impl Function {
    /// How much work an argument or a result is.
    pub(super) fn cost(self, value: &Value) -> u64 {
        match self {
            Self::Alltrue | Self::Anytrue | Self::Length => match value {
                Value::List(list) => 1 + list.len() as u64,
                _ => 1,
            },
            Self::Can
            | Self::Cidrcontains
            | Self::Coalesce
            | Self::Concat
            | Self::Contains
            | Self::Distinct
            | Self::Endswith
            | Self::Flatten
            | Self::Jsondecode
            | Self::Keys
            | Self::Lookup
            | Self::Lower
            | Self::Startswith
            | Self::Strcontains
            | Self::Tonumber
            | Self::Toset
            | Self::Tostring
            | Self::Try
            | Self::Upper
            | Self::Values => weight(value),
        }
    }

    /// Applies the function to arguments of fitting number. The error names no value.
    pub(super) fn apply(self, args: &Args<'_>) -> Result<Value, String> {
        match self {
            Self::Alltrue => Ok((!truths(args)?.contains(&false)).into()),
            Self::Anytrue => Ok(truths(args)?.contains(&true).into()),
            Self::Cidrcontains => Ok(prefix(args, 0)?.contains(prefix(args, 1)?).into()),
            Self::Coalesce => coalesce(args),
            Self::Concat => concat(args),
            Self::Contains => Ok(list(args, 0)?.contains(argument(args, 1)?).into()),
            Self::Distinct => {
                let mut seen = BTreeSet::new();
                let elements = list(args, 0)?.iter();
                let kept = elements.filter(|one| seen.insert(*one)).cloned();
                Ok(Value::List(kept.collect()))
            }
            Self::Endswith => Ok(text(args, 0)?.ends_with(text(args, 1)?).into()),
            Self::Flatten => {
                let mut flat = Vec::new();
                flatten(list(args, 0)?, &mut flat);
                Ok(Value::List(flat))
            }
            Self::Jsondecode => serde_json::from_str(text(args, 0)?)
                .map_err(|_| "the text is not valid JSON".to_owned()),
            Self::Keys => {
                let keys = object(args, 0)?.keys().map(|key| key.as_str().into());
                Ok(Value::List(keys.collect()))
            }
            Self::Length => length(argument(args, 0)?),
            Self::Lookup => lookup(args),
            Self::Lower => Ok(Value::String(text(args, 0)?.to_lowercase())),
            Self::Startswith => Ok(text(args, 0)?.starts_with(text(args, 1)?).into()),
            Self::Strcontains => Ok(text(args, 0)?.contains(text(args, 1)?).into()),
            Self::Tonumber => to_number(argument(args, 0)?),
            Self::Toset => {
                let elements: BTreeSet<&Value> = list(args, 0)?.iter().collect();
                Ok(Value::List(elements.into_iter().cloned().collect()))
            }
            Self::Tostring => to_string(argument(args, 0)?),
            Self::Upper => Ok(Value::String(text(args, 0)?.to_uppercase())),
            Self::Values => Ok(Value::List(object(args, 0)?.values().cloned().collect())),
            // The evaluator handles these itself, because they may not evaluate their arguments.
            Self::Can | Self::Try => Err("cannot be applied to values".to_owned()),
        }
    }
}

fn argument<'a>(args: &'a Args<'_>, at: usize) -> Result<&'a Value, String> {
    args.get(at)
        .map(Cow::as_ref)
        .ok_or_else(|| format!("argument {} is absent", at + 1))
}

fn wrong<T>(at: usize, expected: &str, value: &Value) -> Result<T, String> {
    Err(format!(
        "argument {} must be {expected}, not {}",
        at + 1,
        kind_of(value)
    ))
}

fn text<'a>(args: &'a Args<'_>, at: usize) -> Result<&'a str, String> {
    match argument(args, at)? {
        Value::String(text) => Ok(text),
        other => wrong(at, "a string", other),
    }
}

fn list<'a>(args: &'a Args<'_>, at: usize) -> Result<&'a [Value], String> {
    match argument(args, at)? {
        Value::List(list) => Ok(list),
        other => wrong(at, "a list", other),
    }
}

fn object<'a>(
    args: &'a Args<'_>,
    at: usize,
) -> Result<&'a std::collections::BTreeMap<String, Value>, String> {
    match argument(args, at)? {
        Value::Map(map) => Ok(map),
        other => wrong(at, "an object", other),
    }
}

fn prefix(args: &Args<'_>, at: usize) -> Result<Prefix, String> {
    Prefix::parse(text(args, at)?).ok_or_else(|| format!("argument {} is no address range", at + 1))
}

fn truths(args: &Args<'_>) -> Result<Vec<bool>, String> {
    let flags = list(args, 0)?.iter().map(|element| match element {
        Value::Bool(flag) => Ok(*flag),
        other => Err(format!("the list holds {}", kind_of(other))),
    });
    flags.collect()
}

fn coalesce(args: &Args<'_>) -> Result<Value, String> {
    args.iter()
        .find(|one| !one.is_null() && one.as_str() != Some(""))
        .map(|one| one.as_ref().clone())
        .ok_or_else(|| "every argument is null or empty".to_owned())
}

fn concat(args: &Args<'_>) -> Result<Value, String> {
    let mut whole = Vec::new();
    for at in 0..args.len() {
        whole.extend_from_slice(list(args, at)?);
    }
    Ok(Value::List(whole))
}

fn flatten(list: &[Value], flat: &mut Vec<Value>) {
    for element in list {
        match element {
            Value::List(inner) => flatten(inner, flat),
            other => flat.push(other.clone()),
        }
    }
}

fn length(value: &Value) -> Result<Value, String> {
    let length = match value {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::String(text) => text.chars().count(),
        other => return wrong(0, "a list, an object or a string", other),
    };
    Ok(Value::Number(Number::Int(length as i128)))
}

fn lookup(args: &Args<'_>) -> Result<Value, String> {
    let found = object(args, 0)?.get(text(args, 1)?);
    match (found, args.get(2)) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(default)) => Ok(default.as_ref().clone()),
        (None, None) => Err("there is no such key".to_owned()),
    }
}

fn to_number(value: &Value) -> Result<Value, String> {
    match value {
        Value::Null | Value::Number(_) => Ok(value.clone()),
        Value::String(text) => Number::parse(text)
            .map(Value::Number)
            .ok_or_else(|| "the text is no number".to_owned()),
        other => wrong(0, "a number or a string", other),
    }
}

fn to_string(value: &Value) -> Result<Value, String> {
    match text_of(value) {
        Some(text) => Ok(Value::String(text.into_owned())),
        None if value.is_null() => Ok(Value::Null),
        None => wrong(0, "a string, a number or a boolean", value),
    }
}
