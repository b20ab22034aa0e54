//! Secrets are compared by digest: equal whatever the writing, different only where that is certain.

use super::*;
use crate::model::AttributePath;
use crate::normalise::Catalogue;

fn redactor() -> Redactor {
    Redactor::new(&[7; 32])
}

fn row(type_name: &str, pointer: &str) -> AttributeRow {
    let catalogue = Catalogue::builtin().unwrap();
    let at = catalogue.find(type_name).unwrap();
    let mut rows = catalogue.resource(at).unwrap().table.attributes.iter();
    let row = rows.find(|row| row.pointer == AttributePath::from(pointer));
    row.unwrap().clone()
}

fn secret(row: &AttributeRow, text: &str) -> Value {
    let value = StoredValue {
        slot: 0,
        text,
        sensitive: false,
        from_state: false,
    };
    stored_value(row, value, true, &redactor()).unwrap()
}

fn told(row: &AttributeRow, one: &str, other: &str) -> Result<usize, Why> {
    let (one, other) = (secret(row, one), secret(row, other));
    differences(row, &one, &other, &redactor()).map(|found| found.len())
}

#[test]
fn one_secret_is_one_however_it_is_written() {
    let name = row("aws_sns_topic", "/display_name");
    assert_eq!(told(&name, "\"A\"", "\"\\u0041\""), Ok(0));
    assert_eq!(told(&name, "\"A\"", "\"a\""), Ok(1));
    let tags = row("aws_sns_topic", "/tags_all");
    assert_eq!(
        told(&tags, r#"{"a":"1","b":"2"}"#, r#"{ "b":"2","a":"1" }"#),
        Ok(0)
    );
    assert_eq!(told(&tags, r#"{"a":"1"}"#, r#"{"a":"2"}"#), Ok(1));
}

#[test]
fn a_secret_that_can_be_written_in_several_ways_is_never_said_to_differ() {
    let key = row("aws_sns_topic", "/kms_master_key_id");
    assert_eq!(told(&key, "\"alias/a\"", "\"alias/a\""), Ok(0));
    assert_eq!(
        told(&key, "\"alias/a\"", "\"alias/b\""),
        Err(OTHER_WRITING.into())
    );
}

#[test]
fn a_secret_null_leaves_the_choice_open_where_the_row_does() {
    let open = row("aws_db_instance", "/username");
    assert_eq!(told(&open, "null", "\"admin\""), Ok(0));
    assert_eq!(told(&open, "\"admin\"", "null"), Ok(1));
    let strict = row("aws_sns_topic", "/display_name");
    assert_eq!(told(&strict, "null", "\"x\""), Ok(1));
}

#[test]
fn a_digest_against_an_open_value_tells_nothing() {
    let name = row("aws_sns_topic", "/display_name");
    let open = Value::from("A");
    let found = differences(&name, &secret(&name, "\"A\""), &open, &redactor());
    assert_eq!(found, Err(ONE_SECRET.into()));
}
