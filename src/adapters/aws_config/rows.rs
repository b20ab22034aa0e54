//! One row of an advanced query, looked at no further than its envelope.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Debug)]
pub struct Row<'a> {
    pub config_type: Cow<'a, str>,
    pub id: Cow<'a, str>,
    pub name: Option<Cow<'a, str>>,
    pub arn: Option<Cow<'a, str>>,
    pub account: Option<Cow<'a, str>>,
    pub has_configuration: bool,
    /// The object as it came.
    pub text: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    resource_type: Cow<'a, str>,
    #[serde(borrow)]
    resource_id: Cow<'a, str>,
    #[serde(borrow, default)]
    resource_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    arn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    configuration: Option<&'a RawValue>,
}

impl<'a> Row<'a> {
    /// `None` for what is no item: not whole, no object, without type or id.
    pub fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let read: Envelope<'_> = serde_json::from_str(text).ok()?;
        // A derived struct would take a list of values as well.
        if !text.starts_with('{') || read.resource_type.is_empty() || read.resource_id.is_empty() {
            return None;
        }
        let body = read.configuration.map(RawValue::get);
        Some(Self {
            config_type: read.resource_type,
            id: read.resource_id,
            name: read.resource_name,
            arn: read.arn,
            account: read.account_id,
            has_configuration: body.is_some_and(|body| !matches!(body, "null" | "{}" | "\"\"")),
            text,
        })
    }
}

#[test]
fn a_row_is_whole_or_none() {
    let good = r#" {"resourceType":"AWS::S3::Bucket","resourceId":"b","accountId":"1","configuration":{"a":1}} "#;
    let row = Row::read(good).unwrap();
    assert!(row.has_configuration && row.text.starts_with('{') && row.text.ends_with('}'));
    assert_eq!((&*row.config_type, &*row.id), ("AWS::S3::Bucket", "b"));
    let bare = r#"{"resourceType":"AWS::S3::Bucket","resourceId":"b"}"#;
    assert!(!Row::read(bare).unwrap().has_configuration);
    for wrong in [
        good.trim().trim_end_matches('}'),
        "[]",
        r#"["AWS::S3::Bucket","b",null,null,"1",{}]"#,
        r#"{"resourceId":"b"}"#,
        r#"{"resourceType":"AWS::S3::Bucket","resourceId":""}"#,
        "",
    ] {
        assert!(Row::read(wrong).is_none(), "{wrong}");
    }
}
