//! What hangs on a bucket: its access list, replication and notifications.

use super::{different, equal, not_comparable};
use crate::normalise::equal::Equivalence;
use crate::normalise::form::Form;

fn live_list(grants: &str) -> String {
    let list = format!(r#"{{"grantSet":null,"grantList":[{grants}],"owner":{{"id":"own"}}}}"#);
    // As Config delivers it: text within text.
    serde_json::to_string(&list).unwrap()
}

const OWN: &str = r#"{"grantee":{"id":"own","displayName":null},"permission":"FullControl"}"#;
const ALL: &str = r#"{"grantee":"AllUsers","permission":"Read"}"#;
const OTHER: &str = r#"{"grantee":{"id":"other"},"permission":"ReadAcp"}"#;

#[test]
fn access_lists_by_word_and_by_grant() {
    let form = Form::AccessList;
    let own = live_list(OWN);
    let open = live_list(&format!("{ALL},{OWN}"));
    let other = live_list(&format!("{OWN},{OTHER}"));
    let none = live_list("");
    let policy = |grants: &str| format!(r#"[{{"grant":[{grants}],"owner":[{{"id":"own"}}]}}]"#);
    let grantee = |id: &str, uri: &str, permission: &str| {
        format!(
            r#"{{"grantee":[{{"id":"{id}","uri":"{uri}","email_address":""}}],"permission":"{permission}"}}"#
        )
    };
    let uri = "http://acs.amazonaws.com/groups/global/AllUsers";
    let full = grantee("own", "", "FULL_CONTROL");
    let opened = policy(&format!("{full},{}", grantee("", uri, "READ")));
    let inline = r#"[{"id":"own","permissions":["FULL_CONTROL"],"type":"CanonicalUser","uri":""},
        {"id":"other","permissions":["READ_ACP"],"type":"CanonicalUser","uri":""}]"#;
    equal(
        form,
        Equivalence::Shape,
        &[
            ("\"private\"", &own),
            ("\"bucket-owner-full-control\"", &own),
            ("\"public-read\"", &open),
            (&opened, &open),
            (inline, &other),
        ],
    );
    // What S3 gives every bucket.
    equal(
        form,
        Equivalence::ProvidersChoice,
        &[("null", &own), ("[]", &own)],
    );
    different(
        form,
        &[
            ("null", &open),
            ("[]", &other),
            ("null", &none),
            ("\"private\"", &open),
            ("\"private\"", &other),
            ("\"private\"", &none),
            ("\"public-read\"", &own),
            ("\"public-read-write\"", &open),
            ("\"authenticated-read\"", &open),
            (&opened, &own),
            (&policy(&full), &open),
            (&policy(&grantee("own", "", "READ")), &own),
            (inline, &open),
        ],
    );
    let by_email = policy(&format!(
        "{full},{}",
        r#"{"grantee":[{"id":"","uri":"","email_address":"a@bank.example"}],"permission":"READ_ACP"}"#
    ));
    not_comparable(form, &[("\"aws-exec-read\"", &other), (&by_email, &other)]);
    // One that does not list its grants says nothing.
    let silent = r#"{"grantSet":null,"owner":{"id":"own"}}"#;
    equal(
        form,
        Equivalence::Unset,
        &[("null", silent), ("[]", silent)],
    );
    not_comparable(form, &[("\"private\"", silent), (inline, silent)]);
}

#[test]
fn notifications_by_where_they_go() {
    let form = Form::QueueNotifications;
    let live = |arn: &str, events: &str, prefix: &str| {
        format!(
            r#"{{"n":{{"type":"QueueConfiguration","queueARN":"{arn}","events":[{events}],
            "filter":{{"s3KeyFilter":{{"filterRules":[{{"name":"Prefix","value":"{prefix}"}}]}}}}}},
            "t":{{"type":"TopicConfiguration","topicARN":"q","events":["e"],"filter":null}}}}"#
        )
    };
    let approved = r#"[{"id":"made-up","queue_arn":"q","events":["a","b"],"filter_prefix":"in/","filter_suffix":""}]"#;
    equal(
        form,
        Equivalence::Shape,
        &[(approved, &live("q", r#""b","a""#, "in/"))],
    );
    // The type says what a target is, not every recorder its name.
    let renamed = live("q", r#""a","b""#, "in/").replace("queueARN", "functionARN");
    equal(form, Equivalence::Shape, &[(approved, &renamed)]);
    different(
        form,
        &[
            (approved, &live("r", r#""a","b""#, "in/")),
            (approved, &live("q", r#""a""#, "in/")),
            (approved, &live("q", r#""a","b""#, "")),
            (approved, "{}"),
            ("[]", &live("q", r#""a""#, "in/")),
        ],
    );
}

#[test]
fn replication_by_rule_and_destination() {
    let form = Form::ReplicationRules;
    let live = |id: &str, status: &str, to: &str, account: &str| {
        format!(
            r#"{{"{id}":{{"prefix":"","status":"{status}","destinationConfig":
            {{"Account":{account},"bucketARN":"{to}","storageClass":null}}}}}}"#
        )
    };
    let approved = r#"[{"id":"r","status":"Enabled","prefix":"",
        "destination":[{"account":"","bucket":"b","storage_class":""}]}]"#;
    equal(
        form,
        Equivalence::Shape,
        &[(approved, &live("r", "Enabled", "b", "null"))],
    );
    different(
        form,
        &[
            (approved, &live("s", "Enabled", "b", "null")),
            (approved, &live("r", "Disabled", "b", "null")),
            (approved, &live("r", "Enabled", "c", "null")),
            (approved, &live("r", "Enabled", "b", "\"444455556666\"")),
            (approved, "{}"),
        ],
    );
}
