//! Many at once.

use std::time::{Duration, Instant};

use super::{MINUTE, look, tell, text, with_pager};
use crate::service::{Estate, pass, scanned, tell_once};

/// Topics that nobody approved, made by one person at the console.
fn storm(estate: &Estate, topics: usize) {
    let mut items = Vec::new();
    let mut calls = Vec::new();
    for number in 0..topics {
        let arn = format!("arn:aws:sns:eu-west-1:111122223333:t{number}");
        items.push(format!(
            r#"{{"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-11-04T09:00:00Z",
            "configurationItemStatus":"OK","resourceType":"AWS::SNS::Topic","resourceId":"{arn}",
            "resourceName":"t{number}","ARN":"{arn}","awsAccountId":"111122223333","awsRegion":"eu-west-1",
            "tags":{{}},"configuration":{{"TopicArn":"{arn}","DisplayName":""}},"supplementaryConfiguration":{{}}}}"#
        ));
        calls.push(format!(
            r#"{{"eventVersion":"1.11","eventTime":"2026-11-04T08:59:00Z","eventID":"e-{number}",
            "eventName":"CreateTopic","eventSource":"sns.amazonaws.com","awsRegion":"eu-west-1",
            "recipientAccountId":"111122223333","readOnly":false,"sourceIPAddress":"203.0.113.9",
            "sessionCredentialFromConsole":"true","userIdentity":{{"type":"IAMUser",
            "arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333","userName":"eve"}},
            "requestParameters":{{"name":"t{number}"}},"responseElements":{{"topicArn":"{arn}"}}}}"#
        ));
    }
    estate.put(
        "live/storm.json",
        &format!(
            r#"{{"fileVersion":"1.0","configurationItems":[{}]}}"#,
            items.join(",")
        ),
    );
    estate.put(
        "trail/storm.json",
        &format!(r#"{{"Records":[{}]}}"#, calls.join(",")),
    );
    estate.put(
        "rules/all.hcl",
        "rule \"by-hand\" {\n  description = \"made by hand\"\n  match { kinds = [\"unmanaged\"] }\n  \
         severity = \"high\"\n  action = \"alert\"\n}\n",
    );
}

#[test]
fn five_thousand_deviations_by_one_are_one_page_and_all_in_evidence() {
    let estate = with_pager(
        "rules { dirs = [\"rules\"] }\n\
         activity \"cloudtrail_files\" \"trail\" { files = [\"trail/*.json\"] }",
    );
    estate.heal();
    storm(&estate, 5_000);
    let mut cycle = estate.begin();
    assert_eq!(scanned(&mut cycle), 5_000);
    let begun = Instant::now();
    tell_once(&mut cycle);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    let told = estate.told();
    let announced: usize = told.iter().map(|own| own.findings().len()).sum();
    assert_eq!(announced, 5_000, "each is announced by evidence");
    tell(&mut cycle, &estate);
    let messages = estate.messages("pager");
    assert_eq!(messages.len(), 1);
    let group = &messages[0]["subject"]["group"];
    assert_eq!(group["total"], 5_000);
    assert_eq!(group["some"].as_array().unwrap().len(), 10);
    let common = text(&group["common"]);
    assert!(
        common.contains("user/eve") && common.contains("111122223333"),
        "{common}"
    );
    // The log has no name.
    let log = format!("{told:?}");
    assert!(!log.contains("user/eve"), "the log names nobody");
    // The same 5,000 a second time, later, and after a restart.
    pass(MINUTE * 20);
    look(&mut cycle, &estate);
    drop(cycle);
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.messages("pager").len(), 1);
}
