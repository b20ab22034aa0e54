//! IAM policy documents: one canonical form.
//!
//! Equal to AWS: the order of statements, actions, resources, principals and condition values; one
//! value or a list of one; an account's number or the ARN of its root; the case of actions; a
//! missing or an empty `Sid`. Not equal: everything else, `Sid` texts among it.

use std::collections::BTreeMap;

use super::form::FormError;
use crate::ingest::json::{self, decode_string};
use crate::model::Value;

/// Reads a policy from raw JSON: an object, text that holds it, or URL-encoded text.
pub fn read(raw: &str) -> Result<Value, FormError> {
    if !raw.starts_with('"') {
        return Ok(canonical(json::parse(raw)?));
    }
    let text = decode_string(raw)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.starts_with('%') {
        return Ok(canonical(json::parse(&url_decode(text)?)?));
    }
    match json::parse(text)? {
        // Some sources encode twice.
        Value::String(inner) => Ok(canonical(json::parse(&inner)?)),
        document => Ok(canonical(document)),
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

fn canonical(document: Value) -> Value {
    let Value::Map(mut document) = document else {
        return document;
    };
    if let Some(statement) = document.remove("Statement") {
        let mut statements: Vec<Value> = as_list(statement)
            .into_iter()
            .map(canonical_statement)
            .collect();
        statements.sort();
        statements.dedup();
        document.insert("Statement".to_owned(), Value::List(statements));
    }
    document.retain(|key, value| !(key == "Id" && is_empty(value)));
    Value::Map(document)
}

fn canonical_statement(statement: Value) -> Value {
    let Value::Map(fields) = statement else {
        return statement;
    };
    let fields = fields.into_iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "Sid" if is_empty(&value) => return None,
            "Action" | "NotAction" => set_of(value, lower_case),
            "Resource" | "NotResource" => set_of(value, |text| text),
            "Principal" | "NotPrincipal" => principal(value),
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
        // AWS documents `"*"` and `{"AWS": "*"}` as the same in policies that name a principal.
        Value::String(star) if star == "*" => {
            let everybody = Value::List(vec![Value::from("*")]);
            Value::Map(BTreeMap::from([("AWS".to_owned(), everybody)]))
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
            Value::Map(keys) => Value::Map(
                keys.into_iter()
                    .map(|(key, values)| (key.to_ascii_lowercase(), set_of(values, |text| text)))
                    .collect(),
            ),
            other => other,
        };
        (operator, keys)
    });
    Value::Map(operators.collect())
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
            // conditions
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
    fn reading_the_canonical_form_changes_nothing() {
        let once = read(&statement(
            r#""Principal":"*","Action":["B:b","a:A"],"Sid":"""#,
        ))
        .unwrap();
        let again = read(&serde_json::to_string(&once).unwrap()).unwrap();
        assert_eq!(once, again);
    }
}
