//! When two values are the same, and by which equivalence.
//!
//! Each equivalence looks at the values themselves: none is granted because of a name alone.

use std::collections::BTreeMap;

use super::form::Form;
use super::security_group::Rules;
use crate::model::{AttributePath, Number, Value};

/// Why two values that are not written alike count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Equivalence {
    /// They are written alike, in canonical form.
    Same,
    /// `"5432"` is 5432, `"true"` is true.
    ScalarType,
    /// Null, absent, `""`, `[]`, `{}`, and a zero or false that stands for "not set".
    Unset,
    /// The table says that the live word means the approved one.
    Word,
    /// They differ in case only, and the provider does not care.
    Case,
    /// The approved name is the last part of the live ARN.
    ArnName,
    /// The approved key id is the last part of the live key's ARN.
    KmsKey,
    /// The approved version is a prefix of the live one, part by part.
    VersionPrefix,
    /// An approved null leaves the choice to the provider.
    ProvidersChoice,
}

impl Equivalence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::ScalarType => "scalar-type",
            Self::Unset => "unset",
            Self::Word => "word",
            Self::Case => "case",
            Self::ArnName => "arn-name",
            Self::KmsKey => "kms-key",
            Self::VersionPrefix => "version-prefix",
            Self::ProvidersChoice => "providers-choice",
        }
    }
}

/// The outcome of comparing one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Equal(Equivalence),
    /// Where, below the attribute itself, and what on each side.
    Differs(Vec<Difference>),
    NotComparable(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub pointer: AttributePath,
    pub approved: Value,
    pub live: Value,
}

/// Compares two values, each in the form's canonical form.
pub fn compare(
    form: Form,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    if approved == live {
        return Outcome::Equal(Equivalence::Same);
    }
    match form {
        Form::Map | Form::Tags => by_key(pointer, approved, live),
        Form::Set => sets(pointer, approved, live),
        Form::IngressRules | Form::EgressRules => rules(pointer, approved, live),
        Form::EncryptionRules => sets(pointer, approved, live),
        Form::LifecycleRules => {
            let mut found = Vec::new();
            nested(pointer, approved, live, &mut found);
            differs(found)
        }
        Form::Policy | Form::DefaultPolicyVersion => match (is_unset(approved), is_unset(live)) {
            (true, true) => Outcome::Equal(Equivalence::Unset),
            _ => whole(pointer, policy_text(approved), policy_text(live)),
        },
        Form::List | Form::Json => match (is_unset(approved), is_unset(live)) {
            (true, true) => Outcome::Equal(Equivalence::Unset),
            _ => whole(pointer, approved.clone(), live.clone()),
        },
        Form::Scalar | Form::Folded | Form::ArnName | Form::KmsKey | Form::VersionPrefix => {
            scalars(form, words, pointer, approved, live)
        }
    }
}

fn whole(pointer: &AttributePath, approved: Value, live: Value) -> Outcome {
    Outcome::Differs(vec![Difference {
        pointer: pointer.clone(),
        approved,
        live,
    }])
}

fn differs(found: Vec<Difference>) -> Outcome {
    if found.is_empty() {
        Outcome::Equal(Equivalence::Unset)
    } else {
        Outcome::Differs(found)
    }
}

/// Terraform holds a policy as text, so that is how it is shown.
fn policy_text(policy: &Value) -> Value {
    match policy {
        Value::Map(_) => serde_json::to_string(policy).map_or(Value::Null, Value::String),
        other => other.clone(),
    }
}

fn scalars(
    form: Form,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    if let Some(equivalence) = same_scalar(approved, live) {
        return Outcome::Equal(equivalence);
    }
    let (Some(approved_text), Some(live_text)) = (scalar_text(approved), scalar_text(live)) else {
        return whole(pointer, approved.clone(), live.clone());
    };
    if words
        .get(&live_text)
        .is_some_and(|word| *word == approved_text)
    {
        return Outcome::Equal(Equivalence::Word);
    }
    let special = match form {
        Form::Folded => approved_text
            .eq_ignore_ascii_case(&live_text)
            .then_some(Equivalence::Case),
        Form::ArnName => arn_name(&approved_text, &live_text).then_some(Equivalence::ArnName),
        Form::VersionPrefix => {
            is_version_prefix(&approved_text, &live_text).then_some(Equivalence::VersionPrefix)
        }
        Form::KmsKey => match kms_key(&approved_text, &live_text) {
            Kms::Same => Some(Equivalence::KmsKey),
            Kms::Unknown => {
                return Outcome::NotComparable("a KMS alias and a key cannot be told apart here");
            }
            Kms::Different => None,
        },
        Form::Scalar
        | Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::EncryptionRules
        | Form::LifecycleRules => None,
    };
    match special {
        Some(equivalence) => Outcome::Equal(equivalence),
        None => whole(pointer, approved.clone(), shown(words, approved, live)),
    }
}

/// A live scalar is shown in the approved side's vocabulary: with the word that the table knows, and
/// as the number or flag that the approved value is, where the API gives everything as text.
fn shown(words: &BTreeMap<String, String>, approved: &Value, live: &Value) -> Value {
    let Some(text) = scalar_text(live) else {
        return live.clone();
    };
    let word = words.get(&text).cloned();
    let is_text = matches!(live, Value::String(_));
    if word.is_none() && !is_text {
        return live.clone();
    }
    let is_known_word = word.is_some();
    let text = word.unwrap_or(text);
    match (approved, text.as_str()) {
        (Value::Bool(_), "true") => Value::Bool(true),
        (Value::Bool(_), "false") => Value::Bool(false),
        (Value::Null, "true") if is_known_word => Value::Bool(true),
        (Value::Null, "false") if is_known_word => Value::Bool(false),
        (Value::Number(_), number) => {
            Number::parse(number).map_or(Value::String(text), Value::Number)
        }
        _ => Value::String(text),
    }
}

fn same_scalar(approved: &Value, live: &Value) -> Option<Equivalence> {
    if approved == live {
        return Some(Equivalence::Same);
    }
    match (approved, live) {
        (Value::String(text), Value::Number(number))
        | (Value::Number(number), Value::String(text)) => {
            (Number::parse(text) == Some(*number)).then_some(Equivalence::ScalarType)
        }
        (Value::String(text), Value::Bool(flag)) | (Value::Bool(flag), Value::String(text)) => text
            .eq_ignore_ascii_case(if *flag { "true" } else { "false" })
            .then_some(Equivalence::ScalarType),
        (one, other) if one.is_null() || other.is_null() => {
            (is_zero(one) && is_zero(other)).then_some(Equivalence::Unset)
        }
        (one, other) => (is_unset(one) && is_unset(other)).then_some(Equivalence::Unset),
    }
}

/// Null, "", [], {}: nothing was set. A false or a zero is a value.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => false,
    }
}

/// Against a null, a false and a zero mean "not set" too: providers send them for unset fields.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Number(number) => *number == Number::Int(0),
        Value::String(text) => text.is_empty() || text == "false" || text == "0",
        other => is_unset(other),
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}

fn arn_name(approved: &str, live: &str) -> bool {
    live.starts_with("arn:")
        && !approved.is_empty()
        && !approved.starts_with("arn:")
        && live.rsplit('/').next() == Some(approved)
}

enum Kms {
    Same,
    Different,
    Unknown,
}

fn kms_key(approved: &str, live: &str) -> Kms {
    let is_alias = |text: &str| text.starts_with("alias/") || text.contains(":alias/");
    if approved.is_empty() || live.is_empty() {
        return Kms::Different;
    }
    if is_alias(approved) != is_alias(live) {
        return Kms::Unknown;
    }
    let id = |text: &str| match text.split_once(if is_alias(text) { ":alias/" } else { ":key/" }) {
        Some((_, id)) => id.to_owned(),
        None => text.trim_start_matches("alias/").to_owned(),
    };
    let both_arns = approved.starts_with("arn:") && live.starts_with("arn:");
    if !both_arns && id(approved) == id(live) {
        Kms::Same
    } else {
        Kms::Different
    }
}

fn is_version_prefix(approved: &str, live: &str) -> bool {
    let mut live_parts = live.split('.');
    !approved.is_empty()
        && approved
            .split('.')
            .all(|part| live_parts.next() == Some(part))
}

fn by_key(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let empty = BTreeMap::new();
    let (approved, live) = (
        approved.as_map().unwrap_or(&empty),
        live.as_map().unwrap_or(&empty),
    );
    let mut found = Vec::new();
    let keys: std::collections::BTreeSet<&String> = approved.keys().chain(live.keys()).collect();
    for key in keys {
        let (one, other) = (approved.get(key), live.get(key));
        let same = match (one, other) {
            (Some(one), Some(other)) => {
                one == other || same_scalar(one, other) == Some(Equivalence::ScalarType)
            }
            // A key that is there with nothing in it is there.
            (Some(Value::Null), None) | (None, Some(Value::Null)) | (None, None) => true,
            _ => false,
        };
        if !same {
            found.push(Difference {
                pointer: pointer.child(key),
                approved: one.cloned().unwrap_or_default(),
                live: other.cloned().unwrap_or_default(),
            });
        }
    }
    differs(found)
}

/// Elements that only one side has.
fn sets(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let elements = |value: &Value| value.as_list().unwrap_or_default().to_vec();
    let (one, other) = (elements(approved), elements(live));
    let only = |mine: &[Value], theirs: &[Value]| {
        let lacks = |element: &&Value| {
            !theirs
                .iter()
                .any(|theirs| same_scalar(element, theirs).is_some())
        };
        Value::List(mine.iter().filter(lacks).cloned().collect())
    };
    let (approved_only, live_only) = (only(&one, &other), only(&other, &one));
    if is_unset(&approved_only) && is_unset(&live_only) {
        return Outcome::Equal(Equivalence::Unset);
    }
    whole(pointer, approved_only, live_only)
}

fn rules(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let read = |value: &Value| match value {
        Value::Null => Some(Rules::default()),
        other => Rules::from_inline(other).ok(),
    };
    let (Some(one), Some(other)) = (read(approved), read(live)) else {
        return whole(pointer, approved.clone(), live.clone());
    };
    if one == other {
        return Outcome::Equal(Equivalence::Unset);
    }
    whole(
        pointer,
        one.without(&other).to_value(),
        other.without(&one).to_value(),
    )
}

/// Blocks, leaf by leaf; lists of different length as a whole.
fn nested(pointer: &AttributePath, approved: &Value, live: &Value, found: &mut Vec<Difference>) {
    let is_same = approved == live || same_scalar(approved, live).is_some();
    match (approved, live) {
        _ if is_same => {}
        (Value::Map(one), Value::Map(other)) => {
            let keys: std::collections::BTreeSet<&String> =
                one.keys().chain(other.keys()).collect();
            for key in keys {
                let null = Value::Null;
                let one = one.get(key).unwrap_or(&null);
                let other = other.get(key).unwrap_or(&null);
                nested(&pointer.child(key), one, other, found);
            }
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                nested(&pointer.child(&index.to_string()), one, other, found);
            }
        }
        _ => found.push(Difference {
            pointer: pointer.clone(),
            approved: approved.clone(),
            live: live.clone(),
        }),
    }
}
