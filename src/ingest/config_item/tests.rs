use proptest::prelude::*;

use super::read::read_stream;
use super::*;
use crate::ingest::json::{JsonStream, StreamError};
use crate::ingest::test_support::shown;

/// Ids and statuses of the items, in the order of the file.
fn items_within(text: &[u8], chunk: usize, small: usize) -> Result<Vec<String>, StreamError> {
    let mut found = Vec::new();
    let stream = JsonStream::with_chunk(text, chunk);
    read_stream(stream, small, &mut |item| {
        let account = item.account.as_deref().unwrap_or("-");
        found.push(format!(
            "{} {:?} {account} {}",
            item.resource_id,
            item.status,
            item.members.len()
        ));
        Ok(())
    })?;
    Ok(found)
}

fn items(text: &str) -> Result<Vec<String>, StreamError> {
    items_within(text.as_bytes(), 1 << 20, 1 << 20)
}

fn refusal(text: &str) -> String {
    shown(&items(text).unwrap_err())
}

const ITEM: &str = r#"{"version":"1.3","accountId":"111122223333","resourceType":"AWS::SQS::Queue","resourceId":"q","awsRegion":"eu-west-1","configurationItemStatus":"OK","configuration":{"DelaySeconds":"0"},"supplementaryConfiguration":{}}"#;
const SEEN: &str = "q Present 111122223333 8";

fn as_text(json: &str) -> String {
    serde_json::to_string(json).unwrap()
}

#[test]
fn items_are_found_in_every_channel() {
    let notification = format!(
        r#"{{"messageType":"ConfigurationItemChangeNotification","configurationItem":{ITEM},"configurationItemDiff":{{"changedProperties":{{}}}}}}"#
    );
    let sns = format!(
        r#"{{"Type":"Notification","Message":{}}}"#,
        as_text(&notification)
    );
    for (channel, text) in [
        ("a single item", ITEM.to_owned()),
        ("a list of items", format!("[{ITEM}]")),
        ("lines of items", format!("{ITEM}\n")),
        (
            "a snapshot",
            format!(
                r#"{{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[{ITEM}]}}"#
            ),
        ),
        (
            "batch-get-resource-config",
            format!(r#"{{"baseConfigurationItems":[{ITEM}],"unprocessedResourceKeys":[]}}"#),
        ),
        (
            "of an aggregator",
            format!(r#"{{"BaseConfigurationItems":[{ITEM}]}}"#),
        ),
        (
            "get-aggregate-resource-config",
            format!(r#"{{"ConfigurationItem":{ITEM}}}"#),
        ),
        (
            "a recorded answer",
            format!(r#"{{"status_code":200,"data":{{"configurationItems":[{ITEM}]}}}}"#),
        ),
        (
            "several answers",
            format!(r#"[{{"baseConfigurationItems":[{ITEM}]}},{{"baseConfigurationItems":[]}}]"#),
        ),
        (
            "an advanced query",
            format!(
                r#"{{"Results":[{}],"QueryInfo":{{"SelectFields":[]}}}}"#,
                as_text(ITEM)
            ),
        ),
        ("a notification", notification.clone()),
        (
            "in EventBridge",
            format!(r#"{{"source":"aws.config","detail":{notification}}}"#),
        ),
        ("in SNS", sns.clone()),
        (
            "in SQS",
            format!(r#"{{"Messages":[{{"Body":{}}}]}}"#, as_text(&sns)),
        ),
        (
            "in Lambda of SNS",
            format!(r#"{{"Records":[{{"Sns":{sns}}}]}}"#),
        ),
        (
            "in Lambda of SQS",
            format!(r#"{{"Records":[{{"body":{}}}]}}"#, as_text(&sns)),
        ),
        (
            "a Config rule",
            format!(
                r#"{{"invokingEvent":{},"ruleParameters":"{{}}"}}"#,
                as_text(&notification)
            ),
        ),
    ] {
        assert_eq!(items(&text).unwrap(), [SEEN], "{channel}");
        // And however the text is cut, and however little counts as small.
        for (chunk, small) in [(1, 0), (7, 40), (64, 200), (1 << 20, 0)] {
            let found = items_within(text.as_bytes(), chunk, small).unwrap();
            assert_eq!(found, [SEEN], "{channel}, {chunk}, {small}");
        }
    }
    assert_eq!(items(&format!("{ITEM}\n{ITEM}")).unwrap(), [SEEN, SEEN]);
    let api = r#"{"arn":"a","accountId":"1","resourceType":"T","resourceId":"i","configuration":"{\"a\":1}"}"#;
    assert_eq!(items(api).unwrap(), ["i Present 1 5"]);
}

#[test]
fn what_has_no_configuration_is_a_gap_or_gone() {
    let status = |members: &str| {
        items(&format!(
            r#"{{"configurationItems":[{{"resourceType":"T","resourceId":"i",{members}}}]}}"#
        ))
        .unwrap()
    };
    for members in [
        r#""configurationItemStatus":"ResourceNotRecorded""#,
        r#""configurationItemStatus":"OK","configuration":null"#,
        r#""configurationItemStatus":"OK","configuration":"""#,
        r#""configuration":{},"supplementaryConfiguration":{}"#,
        r#""configurationItemStatus":"SomethingNew""#,
    ] {
        assert_eq!(
            status(members)[0].split(' ').nth(1),
            Some("NotRecorded"),
            "{members}"
        );
    }
    for word in ["ResourceDeleted", "ResourceDeletedNotRecorded"] {
        let found = status(&format!(
            r#""configurationItemStatus":"{word}","configuration":null"#
        ));
        assert_eq!(found[0].split(' ').nth(1), Some("Deleted"));
    }
    let unanswered = r#"{"baseConfigurationItems":[],"unprocessedResourceKeys":[{"resourceType":"T","resourceId":"i"}]}"#;
    assert_eq!(items(unanswered).unwrap(), ["i NotRecorded - 2"]);
    let elsewhere = r#"{"UnprocessedResourceIdentifiers":[{"SourceAccountId":"1","SourceRegion":"r","ResourceId":"i","ResourceType":"T"}]}"#;
    assert_eq!(items(elsewhere).unwrap(), ["i NotRecorded 1 4"]);
}

#[test]
fn an_empty_account_is_read_and_an_empty_file_is_not() {
    assert!(items(r#"{"configurationItems":[]}"#).unwrap().is_empty());
    assert!(items(r#"{"Results":[]}"#).unwrap().is_empty());
    let help = "no AWS Config items are in the file\nhelp: give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`";
    for text in [
        "[]",
        "{}",
        " ",
        r#"{"messageType":"ScheduledNotification"}"#,
    ] {
        assert_eq!(refusal(text), help, "{text}");
    }
    insta::assert_snapshot!(refusal(""), @"the file is empty");
}

#[test]
fn says_what_the_file_is_instead() {
    insta::assert_snapshot!(refusal("null"), @r"
    line 1, column 1: an AWS Config item is wanted here
    help: give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`
    ");
    insta::assert_snapshot!(refusal(r#"{"resourceIdentifiers":[{"resourceType":"T","resourceId":"i"}]}"#), @r"
    the file lists resources and does not say how they are configured
    help: give the answer of `aws configservice batch-get-resource-config` for these resources
    ");
    insta::assert_snapshot!(refusal(r#"{"configurationItemSummary":{"resourceId":"i"}}"#), @r"
    the notification is too large for Config to send, so it holds only a summary
    help: give the item itself, from the bucket that the notification names
    ");
    insta::assert_snapshot!(refusal(r#"{"ConfigurationRecorders":[]}"#), @r"
    the file describes a recorder of AWS Config, not resources
    help: give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`
    ");
    insta::assert_snapshot!(refusal(r#"{"format_version":"1.2","resource_changes":[]}"#), @r"
    this is a plan, not a file of AWS Config items
    help: name it in a `baseline` block
    ");
    insta::assert_snapshot!(refusal(r#"{"version":4,"lineage":"x"}"#), @r"
    this is a state, not a file of AWS Config items
    help: name it in a `baseline` block
    ");
    insta::assert_snapshot!(refusal(r#"{"Results":["{\"resourceId\":\"i\",\"configuration\":{}}"]}"#), @r"
    line 1, column 13: a row of the query has no `resourceType`
    help: ask for `SELECT resourceType, resourceId, resourceName, arn, accountId, awsRegion, configurationItemCaptureTime, configuration, supplementaryConfiguration, tags`
    ");
}

#[test]
fn wrong_items_are_placed() {
    let snapshot = |item: &str| {
        let before = "{\"configurationItems\":[\n";
        refusal(&format!("{before}{ITEM},\n {item}]}}"))
    };
    insta::assert_snapshot!(snapshot("7"), @"line 3, column 2: an object is wanted here");
    insta::assert_snapshot!(snapshot(r#"{"resourceId":"i"}"#), @"line 3, column 2: an item without a `resourceType`");
    insta::assert_snapshot!(snapshot(r#"{"resourceType":"T"}"#), @"line 3, column 2: an item without a `resourceId`");
    insta::assert_snapshot!(snapshot(r#"{"resourceType":"T","resourceId":"i","ResourceId":"j"}"#), @"line 3, column 2: a field of the item's envelope stands twice");
    insta::assert_snapshot!(snapshot(r#"{"resourceType":"T" "resourceId":"i"}"#), @"line 3, column 22: a `,` is missing between two parts");
    let mut visit = |_: Item<'_>| Err("it cannot be compared".to_owned());
    let error = read(format!("[\n{ITEM}]").as_bytes(), &mut visit).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 1: it cannot be compared");
}

#[test]
fn envelopes_end_somewhere() {
    let mut text = ITEM.to_owned();
    for _ in 0..12 {
        text = format!(r#"{{"Message":{}}}"#, as_text(&text));
    }
    assert!(refusal(&text).contains("too many envelopes around an item"));
    for depth in [5_000, 100_000] {
        let text = r#"{"detail":"#.repeat(depth);
        assert!(items_within(text.as_bytes(), 1 << 20, 0).is_err());
        assert!(items(&text).is_err());
    }
}

#[test]
fn times_are_read_as_the_channels_write_them() {
    let time = |raw: &str| time(raw).unwrap().map(|time| time.to_string());
    let expected = Some("2026-11-01T20:00:00Z".to_owned());
    assert_eq!(time(r#""2026-11-01T20:00:00.000Z""#), expected);
    assert_eq!(time(r#""2026-11-01T21:00:00+01:00""#), expected);
    assert_eq!(time("1793563200.0"), expected);
    assert_eq!(time(r#""datetime.datetime(2026, 11, 1)""#), None);
    assert_eq!(time(r#"{"__class__":"datetime"}"#), None);
    assert_eq!(time("1e999"), None);
}

#[test]
fn debug_output_holds_no_configuration() {
    let text = ITEM.replace("\"0\"", "\"s3cr3t\"");
    let item = Item::read(&text).unwrap();
    assert!(!format!("{item:?}").contains("s3cr3t"));
}

fn any_file() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["5", "\"é\\\"]\"", "[{}]", "null"]);
    let item = value.prop_map(|value| ITEM.replace("\"0\"", value));
    let list = prop::collection::vec(item, 0..4).prop_map(|items| items.join(" ,\n"));
    (list, 0..4).prop_map(|(list, form)| match form {
        0 => format!(r#"{{"configurationItems":[{list}],"fileVersion":"1.0"}}"#),
        1 => format!("[{list}]"),
        2 => format!(
            r#"{{"Message":{}}}"#,
            as_text(&format!(r#"{{"configurationItems":[{list}]}}"#))
        ),
        _ => format!(r#"{{"status_code":200,"data":{{"baseConfigurationItems":[{list}]}}}}"#),
    })
}

proptest! {
    #[test]
    fn any_chunk_gives_the_same_items(text in any_file(), chunk in 1usize..200, small in 0usize..600) {
        let whole = items(&text).map_err(|error| shown(&error));
        let cut = items_within(text.as_bytes(), chunk, small).map_err(|error| shown(&error));
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn mutated_items_never_panic(
        text in any_file(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = text.into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let cut = cut.index(bytes.len());
        for small in [0, 1 << 20] {
            let _ = items_within(&bytes, 1 << 20, small);
            let _ = items_within(&bytes[..cut], 1 << 20, small);
        }
    }
}
