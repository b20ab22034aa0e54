use proptest::prelude::*;

use super::*;
use crate::model::Means;

/// A write by an assumed role; `extra` adds fields.
fn event(identity: &str, extra: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","eventTime":"2026-11-01T09:14:00Z","eventID":"e-1",
        "eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress",
        "awsRegion":"eu-west-1","recipientAccountId":"111122223333","readOnly":false,
        "sourceIPAddress":"203.0.113.9","userAgent":"HashiCorp/1.0 Terraform/1.11.4",
        "unheardOf":{{"a":[1]}},"requestParameters":{{"groupId":"sg-0abc","password":"hunter2"}},
        "userIdentity":{identity}{extra}}}"#
    )
}

const ROLE: &str = r#"{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/deploy/run-7",
  "accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","userName":"deploy",
  "arn":"arn:aws:iam::111122223333:role/ci/deploy"},"sourceIdentity":"ana@bank.example"}}"#;

fn one(text: &str) -> Activity {
    let (mut activities, problems) = parse("trail.json", text.as_bytes()).unwrap();
    assert_eq!((activities.len(), problems.as_slice()), (1, &[][..]));
    activities.remove(0)
}

fn problems(text: &str) -> Vec<String> {
    let (_, problems) = parse("trail.json", text.as_bytes()).unwrap();
    problems.iter().map(ToString::to_string).collect()
}

fn refusal(text: &str) -> String {
    let error = parse("trail.json", text.as_bytes()).unwrap_err();
    format!("{error}; {}", error.help())
}

#[test]
fn the_envelope_and_the_subjects_are_read_and_nothing_secret() {
    let activity = one(&event(ROLE, ""));
    assert_eq!(activity.call, "ec2:AuthorizeSecurityGroupIngress");
    assert_eq!(activity.subjects, ["sg-0abc"]);
    assert_eq!(activity.account, Some("111122223333".into()));
    assert_eq!(activity.actor.source_ip, "203.0.113.9".parse().ok());
    assert!(activity.succeeded);
    let all = format!("{activity:?}");
    assert!(!all.contains("hunter2") && !all.contains("ASIA"), "{all}");
}

#[test]
fn every_wrapping_gives_the_same_activity() {
    let bare = event(ROLE, "");
    let flat = bare.replace('\n', "");
    let expected = one(&bare);
    for text in [
        format!(r#"{{"Records":[{bare}]}}"#),
        format!(
            r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","resources":[],"detail":{bare}}}"#
        ),
        format!("[{bare}]"),
        format!("\u{feff}{bare}\r\n"),
    ] {
        assert_eq!(one(&text), expected, "{text}");
    }
    let lines = format!("\n{flat}\r\n{{\"detail\":{flat}}}\n{{\"eventVersion\":\n{flat}\n");
    let (activities, problems) = parse("trail.json", lines.as_bytes()).unwrap();
    assert_eq!(activities, [expected.clone(), expected.clone(), expected]);
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "`trail.json`, record 4: ends in the middle of a value"
    );
}

fn means(identity: &str, extra: &str) -> Means {
    one(&event(identity, extra)).actor.means
}

#[test]
fn means_follow_the_trails_marks_in_order() {
    let console = r#","sessionCredentialFromConsole":"true""#;
    let by_service = ROLE.replacen('{', r#"{"invokedBy":"autoscaling.amazonaws.com","#, 1);
    let itself = r#"{"type":"AWSService","invokedBy":"rds.amazonaws.com"}"#;
    assert_eq!(means(itself, ""), Means::Service);
    assert_eq!(
        means(&by_service, console),
        Means::Service,
        "the service comes before the console"
    );
    assert_eq!(
        means(r#"{"accountId":"1"}"#, r#","eventType":"AwsServiceEvent""#),
        Means::Service
    );
    assert_eq!(means(ROLE, console), Means::Console);
    assert_eq!(
        means(ROLE, r#","sessionCredentialFromConsole":true"#),
        Means::Console
    );
    assert_eq!(
        means(ROLE, r#","sessionCredentialFromConsole":"false""#),
        Means::Key
    );
    assert_eq!(
        means(ROLE, ""),
        Means::Key,
        "Terraform's user agent proves no pipeline"
    );
    assert_eq!(
        means(r#"{"type":"Root","arn":"arn:aws:iam::1:root"}"#, ""),
        Means::Key
    );
    assert_eq!(means("null", ""), Means::Unknown);
}

#[test]
fn a_services_deed_is_the_services_and_names_for_whom() {
    let by_service = ROLE.replacen('{', r#"{"invokedBy":"cloudformation.amazonaws.com","#, 1);
    let actor = one(&event(&by_service, "")).actor;
    assert_eq!(actor.identity, "cloudformation.amazonaws.com");
    assert_eq!(
        actor.aliases[0],
        "arn:aws:sts::111122223333:assumed-role/deploy/run-7"
    );
}

#[test]
fn names_of_a_session_come_in_the_order_of_trust() {
    let actor = one(&event(ROLE, "")).actor;
    assert_eq!(
        actor.identity,
        "arn:aws:sts::111122223333:assumed-role/deploy/run-7"
    );
    let expected = [
        "ana@bank.example",
        "arn:aws:iam::111122223333:role/ci/deploy",
        "deploy",
        "run-7",
    ];
    assert_eq!(actor.aliases, expected);

    let directory = r#"{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0a/ben@bank.example"}"#;
    let actor = one(&event(directory, "")).actor;
    let expected = [
        "ben@bank.example",
        "arn:aws:iam::1:role/AWSReservedSSO_Admin_0a",
        "AWSReservedSSO_Admin_0a",
    ];
    assert_eq!(actor.aliases, expected);
}

#[test]
fn where_a_call_came_from_is_an_address_an_endpoint_or_a_host() {
    let place = |from: &str, to: &str| {
        let actor = one(&event(ROLE, "").replace(from, to)).actor;
        (actor.source_ip.map(|ip| ip.to_string()), actor.source_host)
    };
    let ip = "\"203.0.113.9\"";
    assert_eq!(
        place(ip, "\"2001:db8::1\""),
        (Some("2001:db8::1".to_owned()), None)
    );
    assert_eq!(
        place(ip, "\"config.amazonaws.com\""),
        (None, Some("config.amazonaws.com".to_owned()))
    );
    let through = r#""10.0.0.9","vpcEndpointId":"vpce-1a2b""#;
    assert_eq!(
        place(ip, through),
        (Some("10.0.0.9".to_owned()), Some("vpce-1a2b".to_owned()))
    );
}

#[test]
fn what_changes_no_configuration_is_left_out() {
    let none = |from: &str, to: &str| {
        let text = event(ROLE, "").replace(from, to);
        parse("t", text.as_bytes()).unwrap() == (Vec::new(), Vec::new())
    };
    assert!(none("\"readOnly\":false", "\"readOnly\":true"));
    assert!(none("\"readOnly\":false", "\"readOnly\":\"True\""));
    assert!(none("\"readOnly\":false", "\"eventCategory\":\"Data\""));
    assert!(none("\"readOnly\":false", "\"managementEvent\":false"));
    let unsaid = event(ROLE, "").replace("\"readOnly\":false,", "");
    assert_eq!(one(&unsaid).call, "ec2:AuthorizeSecurityGroupIngress");
    let reading = unsaid.replace("Authorize", "Describe");
    assert_eq!(parse("t", reading.as_bytes()).unwrap().0, []);
}

#[test]
fn failed_calls_are_kept_and_marked() {
    let denied = one(&event(
        ROLE,
        r#","errorCode":"AccessDenied","responseElements":null"#,
    ));
    assert!(!denied.succeeded);
}

#[test]
fn records_that_cannot_be_used_are_named_and_the_others_count() {
    let good = event(ROLE, "");
    let records = [
        good.replace("1.11", "2.0"),
        good.replace("\"e-1\"", "null"),
        good.replace("T09:14:00Z", " 09:14:00"),
        good.replace("\"awsRegion\":\"eu-west-1\"", "\"awsRegion\":[\"hunter2\"]"),
        "\"text\"".to_owned(),
        "{}".to_owned(),
        "{\"body\":\"{}\"}".to_owned(),
        good.clone(),
    ];
    let text = format!("{{\"Records\":[{}]}}", records.join(","));
    assert_eq!(
        parse("trail.json", text.as_bytes()).unwrap().0,
        [one(&good)]
    );
    insta::assert_snapshot!(problems(&text).join("\n"), @r"
    `trail.json`, record 1: has `eventVersion` `2.0`, but only 1 is known
    `trail.json`, record 2: has no `eventID`
    `trail.json`, record 3: has an `eventTime` that is no time with a zone
    `trail.json`, record 4: has a value of an unexpected type
    `trail.json`, record 5: is not a record of a call
    `trail.json`, record 6: is not a record of a call
    `trail.json`, record 7: is a message around something else
    ");
}

#[test]
fn files_of_another_kind_are_refused() {
    insta::assert_snapshot!([
        refusal(""),
        refusal("{\"Records\":[{"),
        refusal("{\"configurationItems\":[]}"),
        refusal("{\"digestStartTime\":\"2026-11-01T00:00:00Z\"}"),
        refusal("{\"Records\":[{\"body\":\"{}\"}]}"),
        refusal("{\"Type\":\"Notification\",\"Message\":\"{}\"}"),
        refusal("3"),
        refusal(&format!("{{\"Records\":[{}1{}]}}", "[".repeat(5000), "]".repeat(5000))),
    ].join("\n"), @"
    `trail.json` is empty; fetch the file again from the trail's bucket; a compressed one is named `.gz`
    `trail.json` ends in the middle of a value (line 1, column 13); fetch the file again from the trail's bucket; a compressed one is named `.gz`
    `trail.json` holds no trail records; name files with `Records`, EventBridge events, or one record per line
    `trail.json` is a digest of trail files, not a trail file; leave the folder `CloudTrail-Digest` out
    `trail.json` holds a message that only points to a trail file, or wraps it as text; name the trail files themselves
    `trail.json` holds a message that only points to a trail file, or wraps it as text; name the trail files themselves
    `trail.json` has a value of an unexpected type (line 1, column 1); fetch the file again from the trail's bucket; a compressed one is named `.gz`
    `trail.json` nests deeper than 200 levels (line 1, column 211); fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
    let error = parse("trail.json.gz", &[0x1f, 0x8b, 8]).unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"`trail.json.gz` is still compressed with gzip");
    assert_eq!(
        parse("t", b"{\"Records\":[]}").unwrap(),
        (Vec::new(), Vec::new())
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse("t", &bytes);
    }

    #[test]
    fn a_damaged_event_never_panics(at in 0_usize..600, byte in any::<u8>(), cut in 0_usize..600) {
        let mut bytes = event(ROLE, "").into_bytes();
        bytes[at] = byte;
        let _ = parse("t", &bytes);
        let _ = parse("t", &bytes[..cut]);
    }

    #[test]
    fn no_secret_value_is_ever_kept(secret in "[A-Za-z0-9+/]{20,40}", key in "[a-zA-Z]{1,20}") {
        prop_assume!(!["name", "id", "resource"].contains(&key.to_lowercase().as_str()));
        let extra = format!(r#","responseElements":{{"{key}":{{"{key}":["{secret}"]}}}}"#);
        let (activities, _) = parse("t", event(ROLE, &extra).as_bytes()).unwrap();
        let all = format!("{activities:?}");
        prop_assert!(!all.contains(&secret));
    }
}
