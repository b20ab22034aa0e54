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

fn stored(text: &str) -> StoredValue<'_> {
    StoredValue {
        slot: 0,
        text,
        sensitive: false,
        from_state: false,
        is_written: false,
    }
}

fn secret(row: &AttributeRow, text: &str) -> Value {
    stored_value(row, stored(text), true, &redactor()).unwrap()
}

fn told(row: &AttributeRow, approved: &str, live: &str) -> Result<usize, Why> {
    let live = Other::stored(row, stored(live), true, &redactor()).unwrap();
    differences(row, &secret(row, approved), &live, &redactor()).map(|found| found.len())
}

/// As above, of two digests.
fn told_by_digests(row: &AttributeRow, approved: &str, state: &str) -> Result<usize, Why> {
    let digest = redactor()
        .approved_secret(row.form, state)
        .unwrap()
        .to_string();
    let state = StoredValue {
        sensitive: true,
        ..stored(&digest)
    };
    let state = Other::stored(row, state, true, &redactor()).unwrap();
    differences(row, &secret(row, approved), &state, &redactor()).map(|found| found.len())
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
fn what_is_the_same_in_the_open_is_the_same_as_a_secret() {
    let key = row("aws_sns_topic", "/kms_master_key_id");
    let arn = r#""arn:aws:kms:eu-west-1:111122223333:alias/a""#;
    assert_eq!(told(&key, "\"alias/a\"", arn), Ok(0));
    let version = row("aws_db_instance", "/engine_version");
    assert_eq!(told(&version, "\"8.0\"", "\"8.0.43\""), Ok(0));
    assert_eq!(told(&version, "\"8\"", "\"8.0.43\""), Ok(0));
    assert_eq!(told(&version, "\"8.1\"", "\"8.0.43\""), Ok(1));
    let monitoring = row("aws_instance", "/monitoring");
    assert_eq!(told(&monitoring, "true", "\"enabled\""), Ok(0));
    assert_eq!(told(&monitoring, "true", "\"disabled\""), Ok(1));
    assert_eq!(told(&monitoring, "null", "\"disabled\""), Ok(0));
    let profile = row("aws_instance", "/iam_instance_profile");
    let arn = r#""arn:aws:iam::111122223333:instance-profile/web""#;
    assert_eq!(told(&profile, "\"web\"", arn), Ok(0));
    assert_eq!(told(&profile, "\"eb\"", arn), Ok(1));
}

#[test]
fn a_secret_that_can_be_written_in_several_ways_is_never_said_to_differ() {
    let key = row("aws_sns_topic", "/kms_master_key_id");
    assert_eq!(told(&key, "\"alias/a\"", "\"alias/a\""), Ok(0));
    assert_eq!(
        told(&key, "\"alias/a\"", "\"alias/b\""),
        Err(OTHER_WRITING.into())
    );
    // But to have none is to have no other.
    assert_eq!(told(&key, "\"alias/a\"", "null"), Ok(1));
    assert_eq!(told(&key, "null", "\"alias/a\""), Ok(1));
}

#[test]
fn two_digests_tell_what_they_can() {
    let name = row("aws_sns_topic", "/display_name");
    assert_eq!(told_by_digests(&name, "\"A\"", "\"A\""), Ok(0));
    assert_eq!(told_by_digests(&name, "\"A\"", "\"B\""), Ok(1));
    let flag = row("aws_instance", "/ebs_optimized");
    assert_eq!(told_by_digests(&flag, "null", "false"), Ok(0));
    assert_eq!(told_by_digests(&flag, "false", "null"), Ok(0));
    assert_eq!(told_by_digests(&flag, "null", "true"), Ok(1));
    let version = row("aws_db_instance", "/engine_version");
    let told = told_by_digests(&version, "\"8.0\"", "\"8.0.43\"");
    assert_eq!(told, Err(OTHER_WRITING.into()));
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
    let open = Other::Open(Value::from("A"));
    let found = differences(&name, &secret(&name, "\"A\""), &open, &redactor());
    assert_eq!(found, Err(ONE_SECRET.into()));
}
