use std::fs;

use serde_json::json;

use super::support::{Shown, TOPIC, Workspace, both, deviations, gaps};

#[test]
fn what_is_as_approved_is_seen() {
    let own = Workspace::new("");
    let scan = own.scan(0);
    assert_eq!(deviations(&scan), [""; 0]);
    assert_eq!(scan["coverage"]["observed"], 3, "{}", scan["coverage"]);
    let calls = own.place.read("root/calls");
    let calls: Vec<&str> = calls.lines().collect();
    let [pull, plan, show] = calls[..] else {
        panic!("{calls:?}")
    };
    assert_eq!(pull, "state pull");
    let (words, out) = plan.rsplit_once(" -out=").unwrap();
    assert_eq!(
        words,
        "plan -refresh-only -lock=false -input=false -no-color"
    );
    assert_eq!(show, format!("show -json {out}"));
    let scratch = own.place.read("root/scratch");
    assert!(
        scratch.lines().all(|line| line.starts_with("drwx------")),
        "{scratch}"
    );
    let variables = own.place.read("root/variables");
    let has = |name: &str| variables.lines().any(|line| line.starts_with(name));
    for name in [
        "PATH=",
        "DB_PASSWORD=geheim",
        "TF_VAR_a=",
        "TF_IN_AUTOMATION=1",
        "TF_INPUT=0",
    ] {
        assert!(has(name), "{name} in {variables}");
    }
    for name in ["NOT_NAMED", "TF_LOG", "TF_CLI_ARGS"] {
        assert!(!has(name), "{name} in {variables}");
    }
}

#[test]
fn what_is_gone_or_other_is_told_of_each_type() {
    let own = Workspace::new("");
    own.shown(&Shown {
        gone: vec!["local_file.a"],
        changed: vec![
            ("aws_sns_topic.t", "display_name", json!("by hand"), false),
            ("test_login.s", "password", json!("hunter3hunter3"), false),
        ],
        written: vec![("test_login.s", "password")],
    });
    let scan = own.scan(2);
    assert_eq!(
        deviations(&scan),
        [
            "changed aws_sns_topic.t /display_name",
            "missing local_file.a -",
            "changed test_login.s /password",
        ]
    );
    let [topic, file, login] = &scan["deviations"].as_array().unwrap()[..] else {
        panic!("{scan}")
    };
    assert_eq!(topic["live"], "by hand");
    assert_eq!(topic["provider_id"], TOPIC);
    assert_eq!(
        (&topic["account"], &topic["region"]),
        (&json!("111122223333"), &json!("eu-west-1"))
    );
    assert_eq!(login["live"], json!({"sensitive": true}));
    for own in [topic, file, login] {
        assert_eq!(
            (&own["fidelity"], &own["verdict"]),
            (&json!("exact"), &json!("unauthorised"))
        );
    }
    assert_eq!(gaps(&scan), [""; 0]);
    assert_eq!(scan["coverage"]["observed"], 3);
}

#[test]
fn what_only_the_provider_may_set_is_a_gap_without_a_schema_and_nothing_with_one() {
    let own = Workspace::new("");
    own.shown(&Shown {
        changed: vec![("test_login.s", "size", json!(4), false)],
        ..Shown::default()
    });
    let scan = own.scan(2);
    assert_eq!(deviations(&scan), [""; 0]);
    assert_eq!(gaps(&scan), ["not_comparable test_login.s /size"]);
    let attributes = json!({"id": {"type": "string", "computed": true},
        "password": {"type": "string", "required": true, "sensitive": true},
        "size": {"type": "number", "computed": true}});
    let schema = json!({"format_version": "1.0", "provider_schemas": {"test": {"resource_schemas":
        {"test_login": {"version": 0, "block": {"attributes": attributes}}}}}});
    own.place.write("schema.json", schema.to_string());
    let with = "state = \"state.json\"\n  schema = \"schema.json\"";
    own.place
        .edit("driftwarden.hcl", "state = \"state.json\"", with);
    assert_eq!(gaps(&own.scan(0)), [""; 0]);
}

#[test]
fn a_state_that_is_not_as_approved_is_no_silence() {
    let own = Workspace::new("");
    // The topic's table tells that the two values differ; of the file nobody can tell.
    own.shown(&Shown {
        changed: vec![
            ("aws_sns_topic.t", "display_name", json!("applied"), true),
            ("local_file.a", "content", json!("applied"), true),
            ("local_file.a", "mode", json!(false), true),
            // A secret that nobody set, in both writings.
            ("test_login.s", "token", json!(""), true),
        ],
        ..Shown::default()
    });
    let scan = own.scan(2);
    assert_eq!(deviations(&scan), ["changed aws_sns_topic.t /display_name"]);
    assert_eq!(gaps(&scan), ["not_comparable local_file.a /content"]);
}

#[test]
fn a_finding_is_resolved_by_a_refresh_alone() {
    let own = Workspace::new("");
    let changed = Shown {
        changed: vec![
            ("local_file.a", "content", json!("by hand"), false),
            ("aws_sns_topic.t", "display_name", json!("by hand"), false),
        ],
        written: vec![("local_file.a", "content")],
        ..Shown::default()
    };
    own.shown(&changed);
    assert_eq!(deviations(&own.scan(2)).len(), 2);
    let open = || {
        let output = own.driftwarden(&["findings"]).output().unwrap();
        let said = both(&output);
        ["local_file.a", "aws_sns_topic.t"].map(|name| said.contains(name))
    };
    assert_eq!(open(), [true; 2]);
    own.place.write("root/fail-plan", "Error: no such host");
    assert_eq!(deviations(&own.scan(2)), [""; 0]);
    assert_eq!(open(), [true; 2], "nobody looked");
    fs::remove_file(own.place.path("root/fail-plan")).unwrap();
    own.shown(&Shown::default());
    own.scan(0);
    assert_eq!(open(), [false; 2]);
}

#[test]
fn items_and_refreshes_stand_side_by_side() {
    let own =
        Workspace::new("live \"aws_config_snapshot\" \"items\" { files = [\"live/*.json\"] }\n");
    let item = |name: &str| {
        json!({"configurationItems": [{"configurationItemVersion": "1.3",
            "configurationItemCaptureTime": "2026-11-01T08:00:00Z", "awsAccountId": "111122223333",
            "configurationItemStatus": "OK", "resourceId": TOPIC, "resourceName": "t", "ARN": TOPIC,
            "awsRegion": "eu-west-1", "resourceType": "AWS::SNS::Topic",
            "configuration": {"TopicName": "t", "DisplayName": name, "TopicArn": TOPIC},
            "supplementaryConfiguration": {}, "tags": {}}]})
        .to_string()
    };
    own.place.write("live/one.json", item("approved"));
    own.scan(0);
    // What the item is too old to show.
    own.shown(&Shown {
        changed: vec![("aws_sns_topic.t", "display_name", json!("by hand"), false)],
        ..Shown::default()
    });
    let found = ["changed aws_sns_topic.t /display_name"];
    assert_eq!(deviations(&own.scan(2)), found);
    // The same in both is one finding.
    own.place.write("live/one.json", item("by hand"));
    assert_eq!(deviations(&own.scan(2)), found);
    // A refresh that fails takes nothing away from the items.
    own.place.write("root/fail-plan", "Error: no");
    let scan = own.scan(2);
    assert_eq!(deviations(&scan), found);
    let told = gaps(&scan);
    assert!(
        told.contains(&"source_unreachable - -".to_owned()),
        "{told:?}"
    );
    fs::remove_file(own.place.path("root/fail-plan")).unwrap();
    own.shown(&Shown {
        gone: vec!["aws_sns_topic.t"],
        ..Shown::default()
    });
    assert_eq!(deviations(&own.scan(2))[0], "missing aws_sns_topic.t -");
}
