//! IAM policy documents: one canonical form.
//!
//! Equal to AWS: the order of statements, actions, resources, principals and condition values; one
//! value or a list of one; an account's number or the ARN of its root; the case of actions and of
//! condition keys; a `Sid` that is missing, empty or a mere number, as services number statements
//! that have none; `"*"` and `{"AWS": "*"}` as the principal; a missing `Version` and the one that
//! then holds, 2008-10-17. Not equal: everything else, other `Sid` texts among it.

use std::collections::BTreeMap;

use super::form::FormError;
use crate::ingest::json::{self, decode_string};
use crate::model::Value;

/// What AWS takes a policy for that names no version; such a policy knows no variables.
const DEFAULT_VERSION: &str = "2008-10-17";

/// Reads a policy from raw JSON: an object, text that holds it, or URL-encoded text.
///
/// # Errors
/// Anything that is not a JSON object, or nothing at all.
pub fn read(raw: &str) -> Result<Value, FormError> {
    if raw.starts_with('"') {
        return read_text(&decode_string(raw)?);
    }
    canonical(json::parse(raw)?)
}

/// Reads a policy from text that holds it, URL-encoded or not.
pub fn read_text(text: &str) -> Result<Value, FormError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.starts_with('%') {
        return canonical(json::parse(&url_decode(text)?)?);
    }
    match json::parse(text)? {
        // Some sources encode twice.
        Value::String(inner) => canonical(json::parse(&inner)?),
        document => canonical(document),
    }
}

fn url_decode(text: &str) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| (byte as char).to_digit(16));
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let decoded = high
                    .zip(low)
                    .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                bytes.push(decoded.ok_or(FormError::Shape("URL-encoded text"))?);
            }
            plain => bytes.push(plain),
        }
    }
    String::from_utf8(bytes).map_err(|_| FormError::Shape("URL-encoded UTF-8"))
}

/// The canonical form of a document.
pub fn canonical(document: Value) -> Result<Value, FormError> {
    let mut document = match document {
        Value::Map(document) => document,
        Value::Null => return Ok(Value::Null),
        // Old items hold the document in a list of one.
        Value::List(mut list) if list.len() == 1 && matches!(list.first(), Some(Value::Map(_))) => {
            return list.pop().map_or(Ok(Value::Null), canonical);
        }
        _ => return Err(FormError::Shape("a policy document")),
    };
    if let Some(statement) = document.remove("Statement") {
        let mut statements: Vec<Value> = as_list(statement)
            .into_iter()
            .map(canonical_statement)
            .collect();
        statements.sort();
        statements.dedup();
        document.insert("Statement".to_owned(), Value::List(statements));
        let version = document.entry("Version".to_owned()).or_default();
        if is_empty(version) {
            *version = Value::from(DEFAULT_VERSION);
        }
    }
    document.retain(|key, value| !(key == "Id" && is_empty(value)));
    Ok(Value::Map(document))
}

fn canonical_statement(statement: Value) -> Value {
    let Value::Map(fields) = statement else {
        return statement;
    };
    let fields = fields.into_iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "Sid" if is_no_name(&value) => return None,
            "Action" | "NotAction" => set_of(value, lower_case),
            "Resource" | "NotResource" => set_of(value, |text| text),
            "Principal" => principal(everybody(value)),
            "NotPrincipal" => principal(value),
            "Condition" => condition(value),
            _ => value,
        };
        Some((key, value))
    });
    Value::Map(fields.collect())
}

fn principal(value: Value) -> Value {
    match value {
        Value::Map(kinds) => Value::Map(
            kinds
                .into_iter()
                .map(|(kind, who)| {
                    let who = match kind.as_str() {
                        "AWS" => set_of(who, account_root),
                        _ => set_of(who, |text| text),
                    };
                    (kind, who)
                })
                .collect(),
        ),
        other => other,
    }
}

/// AWS documents `"*"` and `{"AWS": "*"}` as the same principal. It says nothing of the kind about
/// `NotPrincipal`.
fn everybody(principal: Value) -> Value {
    match principal {
        Value::String(star) if star == "*" => {
            Value::Map(BTreeMap::from([("AWS".to_owned(), Value::String(star))]))
        }
        other => other,
    }
}

fn condition(value: Value) -> Value {
    let Value::Map(operators) = value else {
        return value;
    };
    let operators = operators.into_iter().map(|(operator, keys)| {
        let keys = match keys {
            Value::Map(keys) => condition_keys(keys),
            other => other,
        };
        (operator, keys)
    });
    Value::Map(operators.collect())
}

fn condition_keys(keys: BTreeMap<String, Value>) -> Value {
    let count = keys.len();
    let canonical = |case: fn(&str) -> String| -> BTreeMap<String, Value> {
        keys.iter()
            .map(|(key, values)| (case(key), set_of(values.clone(), |text| text)))
            .collect()
    };
    let folded = canonical(str::to_ascii_lowercase);
    // Two keys that differ in case only would hide one another.
    Value::Map(if folded.len() == count {
        folded
    } else {
        canonical(str::to_owned)
    })
}

/// A sorted list of strings, whether one was given or many; numbers and booleans as text, because
/// AWS gives conditions back as text.
fn set_of(value: Value, canonical: impl Fn(String) -> String) -> Value {
    let mut elements: Vec<Value> = as_list(value)
        .into_iter()
        .map(|element| match element {
            Value::String(text) => Value::String(canonical(text)),
            Value::Bool(flag) => Value::String(flag.to_string()),
            Value::Number(number) => Value::String(number.to_string()),
            other => other,
        })
        .collect();
    elements.sort();
    elements.dedup();
    Value::List(elements)
}

fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::List(list) => list,
        other => vec![other],
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn is_no_name(sid: &Value) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    sid.is_null() || sid.as_str().is_some_and(is_number)
}

fn lower_case(text: String) -> String {
    text.to_ascii_lowercase()
}

fn account_root(text: String) -> String {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account {
        format!("arn:aws:iam::{text}:root")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        read(one).unwrap() == read(other).unwrap()
    }

    fn statement(inner: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{inner}}}]}}"#)
    }

    #[test]
    fn equal_pairs_and_near_misses() {
        let pairs: &[(&str, &str, bool)] = &[
            // one value, or a list of one
            (
                r#""Action":"s3:GetObject""#,
                r#""Action":["s3:GetObject"]"#,
                true,
            ),
            (
                r#""Action":"s3:GetObject""#,
                r#""Action":["s3:GetObject","s3:PutObject"]"#,
                false,
            ),
            // order
            (
                r#""Action":["a:B","a:C"]"#,
                r#""Action":["a:C","a:B"]"#,
                true,
            ),
            (
                r#""Action":["a:B","a:C"]"#,
                r#""NotAction":["a:C","a:B"]"#,
                false,
            ),
            // case of actions, not of resources
            (
                r#""Action":"S3:getobject""#,
                r#""Action":"s3:GetObject""#,
                true,
            ),
            (
                r#""Resource":"arn:aws:s3:::A""#,
                r#""Resource":"arn:aws:s3:::a""#,
                false,
            ),
            // account and root
            (
                r#""Principal":{"AWS":"111122223333"}"#,
                r#""Principal":{"AWS":["arn:aws:iam::111122223333:root"]}"#,
                true,
            ),
            (
                r#""Principal":{"AWS":"111122223333"}"#,
                r#""Principal":{"AWS":"arn:aws:iam::111122223334:root"}"#,
                false,
            ),
            (
                r#""Principal":{"AWS":"111122223333"}"#,
                r#""Principal":{"Federated":"arn:aws:iam::111122223333:root"}"#,
                false,
            ),
            (r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, true),
            (
                r#""Principal":"*""#,
                r#""Principal":{"Service":"*"}"#,
                false,
            ),
            // Sid
            (r#""Sid":"","Action":"a:b""#, r#""Action":"a:b""#, true),
            (
                r#""Sid":"one","Action":"a:b""#,
                r#""Sid":"two","Action":"a:b""#,
                false,
            ),
            (
                r#""Sid":"1461949544000","Action":"a:b""#,
                r#""Action":"a:b""#,
                true,
            ),
            (r#""Sid":"1a","Action":"a:b""#, r#""Action":"a:b""#, false),
            // everybody, and everybody but
            (
                r#""NotPrincipal":"*""#,
                r#""NotPrincipal":{"AWS":"*"}"#,
                false,
            ),
            (
                r#""NotPrincipal":{"AWS":"111122223333"}"#,
                r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:root"]}"#,
                true,
            ),
            (
                r#""Principal":{"AWS":"*"}"#,
                r#""NotPrincipal":{"AWS":"*"}"#,
                false,
            ),
            (
                r#""Principal":{"AWS":"11112222333"}"#,
                r#""Principal":{"AWS":"arn:aws:iam::11112222333:root"}"#,
                false,
            ),
            // conditions
            (
                r#""Condition":{"StringEquals":{"aws:a":"1","AWS:A":"2"}}"#,
                r#""Condition":{"StringEquals":{"aws:a":"2"}}"#,
                false,
            ),
            (
                r#""Condition":{"StringEquals":{"aws:a":"x"}}"#,
                r#""Condition":{"StringEquals":{"aws:a":"X"}}"#,
                false,
            ),
            (
                r#""Condition":{"Bool":{"aws:SecureTransport":false}}"#,
                r#""Condition":{"Bool":{"aws:securetransport":["false"]}}"#,
                true,
            ),
            (
                r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
                r#""Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}"#,
                false,
            ),
        ];
        for (one, other, equal) in pairs {
            assert_eq!(
                same(&statement(one), &statement(other)),
                *equal,
                "{one} | {other}"
            );
        }
    }

    #[test]
    fn text_object_and_url_encoded_text_are_the_same_document() {
        let object = statement(r#""Action":"a:b""#);
        let text = serde_json::to_string(&object).unwrap();
        let encoded: String = object.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = serde_json::to_string(&encoded).unwrap();
        assert!(same(&object, &text));
        assert!(same(&object, &encoded));
        assert!(!same(
            &object,
            &serde_json::to_string(&statement(r#""Action":"a:c""#)).unwrap()
        ));
    }

    #[test]
    fn a_missing_version_is_the_old_one() {
        let of = |version: &str| format!(r#"{{{version}"Statement":[]}}"#);
        assert!(same(&of(""), &of(r#""Version":"2008-10-17","#)));
        assert!(!same(&of(""), &of(r#""Version":"2012-10-17","#)));
        assert!(!same(&of(""), &of(r#""Id":"x","#)));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for raw in [
            "5",
            "[1]",
            "[{},{}]",
            r#""\"x\"""#,
            r#""%zz""#,
            r#""%22x%22""#,
        ] {
            assert!(read(raw).is_err(), "{raw}");
        }
        assert_eq!(read("null").unwrap(), Value::Null);
        assert_eq!(
            read(r#"[{"Id":"x"}]"#).unwrap(),
            read(r#"{"Id":"x"}"#).unwrap()
        );
    }

    #[test]
    fn reading_the_canonical_form_changes_nothing() {
        let once = read(&statement(
            r#""Principal":"*","Action":["B:b","a:A"],"Sid":"""#,
        ))
        .unwrap();
        let again = read(&serde_json::to_string(&once).unwrap()).unwrap();
        assert_eq!(once, again);
    }
}
