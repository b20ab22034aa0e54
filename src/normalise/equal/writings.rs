//! Equality by digest. Of a secret only the digest of one text is kept, and no equivalence can be
//! seen through it. But the other side is known where the two meet: it says every value that it is
//! the same as, and the digest is one of theirs or is not.

use std::collections::{BTreeMap, BTreeSet};

use super::scalar::{instant, kms_forms, lowercase, number_in, text_of};
use super::{
    Form, Outcome, access_list, arn, collection, compare, encryption, lifecycle, policy, scalar,
};
use crate::model::{AttributePath, Number, Value};
use crate::normalise::cidr;

/// The values of a form that are the same as one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writings {
    pub values: Vec<Value>,
    /// Whether there are no others. If there are, a digest that is none of theirs proves nothing.
    pub is_all: bool,
}

/// Every approved value that [`compare`] finds equal to `live`, or as many as can be listed. Values
/// of which [`secret_text`] makes one text stand there once.
pub fn writings(form: Form, words: &BTreeMap<String, String>, live: &Value) -> Writings {
    let mut values = candidates(form, words, live);
    let root = AttributePath::root();
    values.retain(|one| matches!(compare(form, words, &root, one, live), Outcome::Equal(_)));
    Writings {
        values,
        is_all: is_all(form, live),
    }
}

/// Nothing was set, in each of its writings.
pub fn nothing() -> [Value; 4] {
    let (list, map) = (Value::List(Vec::new()), Value::Map(BTreeMap::new()));
    [Value::Null, Value::from(""), list, map]
}

/// The text whose digest stands for a secret: one for values that are the same to every other value,
/// as far as the form can say.
pub fn secret_text(form: Form, value: &Value) -> String {
    let shaped = match form {
        Form::Scalar | Form::AnyBlock | Form::ArnName | Form::KmsKey => return scalar_text(value),
        Form::Folded => return scalar_text(&lowercase(value)),
        Form::Cidr => return scalar_text(&one_range(value)),
        Form::VersionPrefix => match value {
            Value::Bool(_) | Value::Number(_) => text_of(value).map_or(Value::Null, Value::String),
            other => other.clone(),
        },
        Form::Set | Form::Subset | Form::ContainerDefinitions | Form::BlockSet => {
            sorted(deep(value))
        }
        Form::List | Form::Map | Form::Tags | Form::Json | Form::Blocks => deep(value),
        Form::EncryptionRules => sorted(encryption::what_counts(value)),
        // The same rule twice is two rules.
        Form::LifecycleRules => in_order(value.clone()),
        Form::InlinePolicies
        | Form::AccessList
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::Routes => sorted(value.clone()),
        Form::IngressRules | Form::EgressRules | Form::Policy | Form::DefaultPolicyVersion => {
            value.clone()
        }
    };
    let shaped = match (form, shaped) {
        // A key without a value is no key.
        (Form::Map | Form::Tags, Value::Map(mut map)) => {
            map.retain(|_, value| !value.is_null());
            Value::Map(map)
        }
        (_, other) => other,
    };
    written(&shaped)
}

/// Text that looks like a number or a flag, and is not written as one is, may equal one: it keeps
/// what it equals, marked as text.
fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => match (flag_in(text), number_in(text)) {
            (Some(flag), _) if text != word(flag) => format!("~{flag}"),
            (_, Some(number)) if *text != number.to_string() => format!("~{number}"),
            _ => match instant(text) {
                Some(instant) => format!("@{}", instant.as_nanosecond()),
                None => written(value),
            },
        },
        Value::Number(number) => number.to_string(),
        other => written(other),
    }
}

fn written(value: &Value) -> String {
    // A tree of maps with text for keys can always be written.
    serde_json::to_string(value).unwrap_or_default()
}

fn one_range(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(cidr::canonical(text)),
        other => other.clone(),
    }
}

fn flag_in(text: &str) -> Option<bool> {
    [true, false]
        .into_iter()
        .find(|flag| text.eq_ignore_ascii_case(word(*flag)))
}

fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// With numbers and flags in text as such: within lists and documents they are the same.
fn deep(value: &Value) -> Value {
    match value {
        Value::String(text) => match (flag_in(text), number_in(text)) {
            (Some(flag), _) => Value::Bool(flag),
            (None, Some(number)) => Value::Number(number),
            (None, None) => value.clone(),
        },
        Value::List(list) => Value::List(list.iter().map(deep).collect()),
        Value::Map(map) => {
            let members = map.iter().map(|(key, value)| (key.clone(), deep(value)));
            Value::Map(members.collect())
        }
        other => other.clone(),
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::List(list) => {
            let elements: BTreeSet<Value> = list.into_iter().collect();
            Value::List(elements.into_iter().collect())
        }
        other => other,
    }
}

fn in_order(value: Value) -> Value {
    match value {
        Value::List(mut list) => {
            list.sort();
            Value::List(list)
        }
        other => other,
    }
}

fn candidates(form: Form, words: &BTreeMap<String, String>, live: &Value) -> Vec<Value> {
    let mut all = vec![live.clone()];
    all.extend(nothing());
    match form {
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::AnyBlock => {
            let text = text_of(live).unwrap_or_default();
            let name = text.rsplit_once('/').map(|(_, name)| Value::from(name));
            let meant = words.get(&text).map(|word| Value::from(word.as_str()));
            let named = arn::names(&text).map(Value::from);
            for one in [Some(live.clone()), name, meant]
                .into_iter()
                .flatten()
                .chain(named)
            {
                scalars(&one, &mut all);
            }
            let parts = text.match_indices('.').filter_map(|(at, _)| text.get(..at));
            all.extend(parts.map(Value::from));
            all.extend(kms_forms(&text).map(Value::String));
        }
        Form::EncryptionRules => all.extend(encryption::writings(live)),
        Form::AccessList => all.extend(access_list::writings(live)),
        Form::Routes => all.extend(collection::route_writings(live)),
        Form::LifecycleRules => all.push(lifecycle::told(live)),
        Form::Subset => all.extend(parts_of(live)),
        Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::InlinePolicies
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::ContainerDefinitions
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::Blocks
        | Form::BlockSet => {}
    }
    all
}

/// The scalar, and what says the same in another type.
fn scalars(value: &Value, all: &mut Vec<Value>) {
    let flags = [true, false].map(Value::Bool);
    all.push(value.clone());
    all.extend(flags);
    all.push(Value::from(0));
    match value {
        Value::Bool(flag) => {
            all.extend([word(*flag), &word(*flag).to_ascii_uppercase()].map(Value::from));
        }
        Value::Number(number) => {
            let text = number.to_string();
            let longer = if text.contains('.') { "0" } else { ".0" };
            all.extend([format!("{text}{longer}"), text].map(Value::String));
        }
        Value::String(text) => all.extend(Number::parse(text).map(Value::Number)),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => {}
    }
}

/// Of so few elements all subsets are listed.
const FEW: usize = 6;

fn parts_of(live: &Value) -> Vec<Value> {
    let list = live.as_list().unwrap_or_default();
    if list.len() > FEW {
        return Vec::new();
    }
    let mut parts = vec![Vec::new()];
    for element in list {
        let longer = parts.iter().map(|part: &Vec<Value>| {
            let element = [element.clone()];
            part.iter().cloned().chain(element).collect()
        });
        parts.extend(longer.collect::<Vec<_>>());
    }
    parts.into_iter().map(Value::List).collect()
}

fn is_all(form: Form, live: &Value) -> bool {
    match form {
        // The ARN of a key could have any account, and an alias any key.
        Form::KmsKey => scalar::is_unset(live),
        Form::EncryptionRules => !encryption::names_a_key(live),
        Form::AccessList => !access_list::is_open(live),
        Form::LifecycleRules => !lifecycle::is_open(live),
        Form::Routes => !collection::names_an_instance(live),
        Form::Subset => live.as_list().is_none_or(|list| list.len() <= FEW),
        // An approved block says nothing of what its plan does not name.
        Form::Blocks | Form::BlockSet => false,
        Form::Policy | Form::DefaultPolicyVersion => !policy::names_a_deleted_principal(live),
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::Cidr
        | Form::VersionPrefix
        | Form::AnyBlock
        | Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::InlinePolicies
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::ContainerDefinitions
        | Form::IngressEntries
        | Form::EgressEntries => true,
    }
}
