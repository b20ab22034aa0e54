use super::*;

const CALL: &str = r#"{"eventVersion":"1.11","eventTime":"2026-11-28T09:14:00Z","eventSource":"sns.amazonaws.com",
 "eventName":"SetTopicAttributes","awsRegion":"eu-west-1","eventID":"e-1","readOnly":false,
 "recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/maria"},
 "requestParameters":{"topicArn":"arn:aws:sns:eu-west-1:111122223333:alarms"}}"#;
const ITEM: &str = r#"{"messageType":"ConfigurationItemChangeNotification","configurationItem":
 {"resourceType":"AWS::SNS::Topic","resourceId":"x","configuration":{"a":1}}}"#;

fn event(kind: &str, detail: &str) -> String {
    format!(r#"{{"version":"0","detail-type":"{kind}","source":"aws.x","detail":{detail}}}"#)
}

fn notification(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(r#"{{"Type":"Notification","TopicArn":"arn:x","Message":{text}}}"#)
}

fn is_call(body: &str) -> bool {
    matches!(read(body), Ok(Notice::Call(activity)) if activity.event_id == "e-1")
}

#[test]
fn a_call_is_read_however_it_is_wrapped() {
    let through_bridge = event("AWS API Call via CloudTrail", CALL);
    for body in [
        CALL,
        &through_bridge,
        &notification(&through_bridge),
        &notification(CALL),
        &notification(&notification(CALL)),
    ] {
        assert!(is_call(body), "{body}");
    }
}

#[test]
fn calls_that_read_are_nothing() {
    let reads = CALL.replace("SetTopicAttributes", "GetTopicAttributes");
    let reads = reads.replace("\"readOnly\":false", "\"readOnly\":true");
    assert!(matches!(read(&reads), Ok(Notice::Nothing(_))));
}

#[test]
fn an_item_is_handed_on_and_a_large_one_named() {
    let body = event("Config Configuration Item Change", ITEM);
    assert_eq!(read(&body), Ok(Notice::Item(ITEM.to_owned())));
    let large = r#"{"messageType":"OversizedConfigurationItemChangeNotification","configurationItemSummary":
        {"resourceType":"AWS::SNS::Topic","resourceId":"arn:t","awsAccountId":"1","awsRegion":"eu-west-1",
         "configurationItemCaptureTime":"2026-11-28T09:14:00.123Z"}}"#;
    let Ok(Notice::Oversized(found)) = read(&notification(large)) else {
        panic!("it is a large item");
    };
    assert_eq!(
        (found.config_type.as_str(), found.id.as_str()),
        ("AWS::SNS::Topic", "arn:t")
    );
    let without = large.replace("\"awsRegion\":\"eu-west-1\",", "");
    assert_eq!(read(&without), Err(Refusal::Item("has no `awsRegion`")));
}

#[test]
fn what_is_no_message_of_ours_is_refused_by_name() {
    let deep = format!("{{\"Message\":{}1{}}}", "[".repeat(300), "]".repeat(300));
    let nested = (0..6).fold(CALL.to_owned(), |text, _| notification(&text));
    for (body, word) in [
        ("", "unreadable"),
        ("{", "unreadable"),
        ("hello", "unreadable"),
        ("[1]", "unknown_envelope"),
        ("{}", "unknown_envelope"),
        (
            r#"{"detail-type":"EC2 Instance State-change Notification","detail":{}}"#,
            "unknown_envelope",
        ),
        (&deep, "unreadable"),
        (&nested, "unknown_envelope"),
        (&CALL.replace("1.11", "2.0"), "unknown_version"),
        (&CALL.replace("2026-11-28T09", "yesterday"), "bad_call"),
        (
            r#"{"messageType":"ConfigurationItemChangeNotification"}"#,
            "bad_item",
        ),
        (&"x".repeat(MAX_BYTES + 1), "too_large"),
    ] {
        let refused = read(body).unwrap_err();
        assert_eq!(refused.as_str(), word, "{refused}");
        assert!(Refusal::WORDS.contains(&word));
        assert!(!refused.to_string().contains("maria"), "it quotes nothing");
    }
}
