//! Strings, numbers and booleans.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::arn::is_arn_of;
use super::{Equivalence, Outcome, whole};
use crate::model::{AttributePath, Number, Value};
use crate::normalise::cidr;

/// Which freedom a scalar has beyond those that all scalars have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Plain,
    Folded,
    ArnName,
    KmsKey,
    Cidr,
    Version,
}

pub(super) fn compare(
    kind: Scalar,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    // A version is no number: 5.70 is not 5.7.
    let same = match kind {
        Scalar::Version => same_version(approved, live),
        Scalar::Plain | Scalar::Folded | Scalar::ArnName | Scalar::KmsKey | Scalar::Cidr => {
            same_scalar(approved, live)
        }
    };
    if let Some(equivalence) = same {
        return Outcome::Equal(equivalence);
    }
    // A flag that stands for words is false, whether the channel gives it as a flag or as text.
    if !words.is_empty() && is_unset(approved) && live.as_str() == Some("false") {
        return Outcome::Equal(Equivalence::Unset);
    }
    let meant = meaning(words, approved, live);
    if meant != *live && (meant == *approved || same_scalar(approved, &meant).is_some()) {
        return Outcome::Equal(Equivalence::Word);
    }
    let (Some(one), Some(other)) = (text_of(approved), text_of(live)) else {
        return whole(pointer, approved.clone(), live.clone());
    };
    if kind != Scalar::Version && is_same_instant(&one, &other) {
        return Outcome::Equal(Equivalence::Time);
    }
    let granted = match kind {
        Scalar::Plain | Scalar::Version => None,
        Scalar::Folded => one
            .eq_ignore_ascii_case(&other)
            .then_some(Equivalence::Case),
        Scalar::ArnName => is_arn_of(&one, &other).then_some(Equivalence::ArnName),
        Scalar::Cidr => {
            (cidr::canonical(&one) == cidr::canonical(&other)).then_some(Equivalence::Cidr)
        }
        Scalar::KmsKey => match kms_key(&one, &other) {
            Kms::Same => Some(Equivalence::KmsKey),
            Kms::Different => None,
            Kms::Unknown => return Outcome::NotComparable(KMS_UNKNOWN),
        },
    };
    match granted {
        Some(equivalence) => Outcome::Equal(equivalence),
        None => whole(pointer, approved.clone(), shaped_like(approved, meant)),
    }
}

/// Whether one equivalence holds of two scalars, looked at alone.
pub(super) fn holds(
    equivalence: Equivalence,
    kind: Scalar,
    words: &BTreeMap<String, String>,
    approved: &Value,
    live: &Value,
) -> bool {
    let texts = text_of(approved).zip(text_of(live));
    let in_texts =
        |test: fn(&str, &str) -> bool| texts.as_ref().is_some_and(|(one, other)| test(one, other));
    match equivalence {
        Equivalence::Same => approved == live,
        Equivalence::Unset | Equivalence::ScalarType | Equivalence::VersionPrefix => {
            let same = match kind {
                Scalar::Version => same_version(approved, live),
                Scalar::Plain
                | Scalar::Folded
                | Scalar::ArnName
                | Scalar::KmsKey
                | Scalar::Cidr => same_scalar(approved, live),
            };
            let is_false = !words.is_empty() && live.as_str() == Some("false");
            let nothing = is_unset(approved) && (is_unset(live) || is_false);
            same == Some(equivalence) || equivalence == Equivalence::Unset && nothing
        }
        Equivalence::Word => {
            let meant = meaning(words, approved, live);
            meant != *live && (meant == *approved || same_scalar(approved, &meant).is_some())
        }
        Equivalence::Time => kind != Scalar::Version && in_texts(is_same_instant),
        Equivalence::Case => kind == Scalar::Folded && in_texts(str::eq_ignore_ascii_case),
        Equivalence::ArnName => kind == Scalar::ArnName && in_texts(is_arn_of),
        Equivalence::Cidr => {
            let canonical = |one: &str, other: &str| cidr::canonical(one) == cidr::canonical(other);
            kind == Scalar::Cidr && in_texts(canonical)
        }
        Equivalence::KmsKey => {
            kind == Scalar::KmsKey && in_texts(|one, other| kms_key(one, other) == Kms::Same)
        }
        Equivalence::ProvidersChoice
        | Equivalence::Order
        | Equivalence::Json
        | Equivalence::Policy
        | Equivalence::Tags
        | Equivalence::RuleSplit
        | Equivalence::Shape => false,
    }
}

/// The live word in the approved side's vocabulary, where the table knows it.
fn meaning(words: &BTreeMap<String, String>, approved: &Value, live: &Value) -> Value {
    let Some(word) = text_of(live).and_then(|text| words.get(&text).cloned()) else {
        return live.clone();
    };
    match (approved, word.as_str()) {
        (Value::Bool(_) | Value::Null, "true") => Value::Bool(true),
        (Value::Bool(_) | Value::Null, "false") => Value::Bool(false),
        _ => Value::String(word),
    }
}

/// Some APIs give everything as text: a number or a flag is shown as what the approved value is.
fn shaped_like(approved: &Value, live: Value) -> Value {
    match (approved, &live) {
        (Value::Bool(_), Value::String(text)) if text == "true" => Value::Bool(true),
        (Value::Bool(_), Value::String(text)) if text == "false" => Value::Bool(false),
        (Value::Number(_), Value::String(text)) => Number::parse(text).map_or(live, Value::Number),
        _ => live,
    }
}

/// Whether two scalars that are not written alike mean the same anywhere. Symmetric.
pub(super) fn same_scalar(one: &Value, other: &Value) -> Option<Equivalence> {
    match (one, other) {
        (one, other) if one == other => Some(Equivalence::Same),
        (one, other) if is_unset(one) || is_unset(other) => {
            let nothing = |value: &Value| is_unset(value) || is_zero(value);
            (nothing(one) && nothing(other)).then_some(Equivalence::Unset)
        }
        (Value::String(text), Value::Number(number))
        | (Value::Number(number), Value::String(text)) => {
            (number_in(text) == Some(*number)).then_some(Equivalence::ScalarType)
        }
        (Value::String(text), Value::Bool(flag)) | (Value::Bool(flag), Value::String(text)) => text
            .eq_ignore_ascii_case(if *flag { "true" } else { "false" })
            .then_some(Equivalence::ScalarType),
        _ => None,
    }
}

/// A number as providers write one. `05` and `1e3` are names: a code, the end of a digest.
fn plain_number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits);
    is_plain.then(|| Number::parse(text)).flatten()
}

/// The number that a text holds, its digits and no others: a rounded one is not the text's.
pub(super) fn number_in(text: &str) -> Option<Number> {
    let number = plain_number(text)?;
    let digits = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    (digits == number.to_string() || digits == "-0").then_some(number)
}

/// Text in lower case, where the form does not tell cases apart.
pub(super) fn lowercase(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_ascii_lowercase()),
        other => other.clone(),
    }
}

/// Null, "", [], {}: nothing was set. A false or a zero is a value.
pub(in crate::normalise) fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => false,
    }
}

/// Against what is not set, a false and a zero mean "not set" too: providers send them for unset
/// fields.
fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Bool(false) | Value::Number(Number::Int(0)))
}

pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}

/// The point in time that a text names in full: date, time and offset.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let is_full = text.len() >= 20 && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    is_full.then(|| text.to_ascii_uppercase().parse().ok())?
}

/// Whether one of the two is a point in time, so that the other may be the same one.
pub(super) fn name_instants(one: &Value, other: &Value) -> bool {
    let names = |value: &Value| value.as_str().is_some_and(|text| instant(text).is_some());
    names(one) || names(other)
}

fn is_same_instant(one: &str, other: &str) -> bool {
    instant(one).is_some_and(|one| instant(other) == Some(one))
}

pub(super) const KMS_UNKNOWN: &str =
    "one names a KMS key, the other an alias: only a look-up in KMS tells whether they are one";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kms {
    Same,
    Different,
    Unknown,
}

pub(super) fn kms_key(one: &str, other: &str) -> Kms {
    if one == other {
        return Kms::Same;
    }
    if one.is_empty() || other.is_empty() {
        return Kms::Different;
    }
    let (one_name, other_name) = (KeyName::of(one), KeyName::of(other));
    if one_name.is_alias != other_name.is_alias {
        return Kms::Unknown;
    }
    // Two ARNs that are not written alike name two things.
    if one_name.is_arn != other_name.is_arn && one_name.name == other_name.name {
        Kms::Same
    } else {
        Kms::Different
    }
}

struct KeyName<'t> {
    is_arn: bool,
    is_alias: bool,
    name: &'t str,
}

impl<'t> KeyName<'t> {
    fn of(text: &'t str) -> Self {
        let is_arn = text.starts_with("arn:");
        let name = if is_arn {
            text.splitn(6, ':').nth(5).unwrap_or(text)
        } else {
            text
        };
        let alias = name.strip_prefix("alias/");
        Self {
            is_arn,
            is_alias: alias.is_some(),
            name: alias.or_else(|| name.strip_prefix("key/")).unwrap_or(name),
        }
    }
}

/// The id or alias of the key that an ARN names, as it can be written without the ARN.
pub(super) fn kms_forms(arn: &str) -> impl Iterator<Item = String> {
    let name = KeyName::of(arn).name;
    ["", "key/", "alias/"]
        .map(|kind| format!("{kind}{name}"))
        .into_iter()
}

fn same_version(approved: &Value, live: &Value) -> Option<Equivalence> {
    if is_unset(approved) && is_unset(live) {
        return Some(Equivalence::Unset);
    }
    let (approved, live) = (text_of(approved)?, text_of(live)?);
    if approved == live {
        return Some(Equivalence::ScalarType);
    }
    let mut live_parts = live.split('.');
    let is_prefix = !approved.is_empty()
        && approved
            .split('.')
            .all(|part| !part.is_empty() && live_parts.next() == Some(part));
    is_prefix.then_some(Equivalence::VersionPrefix)
}
