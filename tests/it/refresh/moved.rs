//! What moved is told at the place that moved, once, and of what only another writing says nothing.

use serde_json::{Value, json};

use super::support::{Resource, Workspace, deviations, gaps};

/// The approved resource, how the state had it, and how it is.
fn scan(plan: &Resource, before: &Value, now: &Value, status: i32) -> Value {
    let as_is = |values: &Value| (plan.0, plan.1, values.clone());
    let own = Workspace::of(std::slice::from_ref(plan), &[as_is(now)]);
    own.are_now(&[as_is(before)], &[as_is(now)]);
    own.scan(status)
}

/// A type that no table knows, of which the plan leaves much open.
fn trigger(action: Value) -> Value {
    json!({"id": "t", "name": "t", "type": "ON_DEMAND", "actions": [action]})
}

#[test]
fn what_nobody_wrote_in_a_block_is_as_the_state_said() {
    let action = |timeout: Value, arguments: Value, job: &str| {
        trigger(json!({"job_name": job, "timeout": timeout, "arguments": arguments}))
    };
    let approved = action(json!(null), json!(null), "etl");
    let plan = ("aws_glue_trigger", "t", approved);
    let told = |before: &Value, now: &Value, status: i32| {
        let scan = scan(&plan, before, now, status);
        let told = [deviations(&scan), gaps(&scan)].concat();
        told.join(", ")
    };
    let off = action(json!(0), json!(null), "etl");
    let on = action(json!(5), json!(null), "etl");
    let changed = "changed aws_glue_trigger.t /actions";
    // Another writing of the same.
    assert_eq!(told(&off, &action(json!(0), json!({}), "etl"), 0), "");
    // Each of them did move.
    assert_eq!(told(&off, &on, 2), changed);
    assert_eq!(told(&on, &off, 2), changed);
    let other = action(json!(0), json!({}), "other");
    assert_eq!(told(&off, &other, 2), changed);
    // The state said so before, and nothing tells whether that was approved.
    assert_eq!(
        told(&on, &action(json!(5), json!({}), "etl"), 2),
        "not_comparable aws_glue_trigger.t /actions"
    );
}

#[test]
fn tags_are_told_at_their_keys_of_each_type() {
    let group = |tags: Value, all: Value| json!({"id": "/a", "name": "/a", "arn": "arn:aws:logs:eu-west-1:111122223333:log-group:/a", "tags": tags, "tags_all": all});
    let approved = group(json!(null), json!({"Env": "prod", "a/b": "1"}));
    let now = group(
        json!({"by/hand": "x"}),
        json!({"Env": "dev", "by/hand": "x", "aws:made": "1"}),
    );
    let plan = ("aws_cloudwatch_log_group", "a", approved.clone());
    let scan = scan(&plan, &approved, &now, 2);
    assert_eq!(
        deviations(&scan),
        [
            "changed aws_cloudwatch_log_group.a /tags_all/Env",
            "changed aws_cloudwatch_log_group.a /tags_all/a~1b",
            "changed aws_cloudwatch_log_group.a /tags_all/by~1hand",
        ]
    );
    let env = &scan["deviations"][0];
    assert_eq!(
        (&env["approved"], &env["live"]),
        (&json!("prod"), &json!("dev"))
    );
    assert_eq!(gaps(&scan), [""; 0]);
}

/// The state said so before, and it is not what the plan approves: tags need nobody to tell whether
/// they are the same.
#[test]
fn tags_that_were_never_applied_are_told() {
    let group = |tags: Value| json!({"id": "/a", "name": "/a", "tags_all": tags});
    let plan = (
        "aws_cloudwatch_log_group",
        "a",
        group(json!({"Env": "prod", "Owner": "ana"})),
    );
    let state = group(json!({"Owner": "ana"}));
    let scan = scan(&plan, &state, &state, 2);
    assert_eq!(
        deviations(&scan),
        ["changed aws_cloudwatch_log_group.a /tags_all/Env"]
    );
    assert_eq!(gaps(&scan), [""; 0]);
}

/// Of a table's recovery an item shows whether it is on: what the mapping table sets aside, a refresh
/// tells.
#[test]
fn a_part_that_no_row_compares_is_told_beside_its_rows() {
    let table = |enabled: bool, days: i32| {
        let recovery = json!([{"enabled": enabled, "recovery_period_in_days": days}]);
        json!({"id": "t", "name": "t", "point_in_time_recovery": recovery})
    };
    let approved = table(true, 35);
    let plan = ("aws_dynamodb_table", "t", approved.clone());
    let told = |now: &Value| deviations(&scan(&plan, &approved, now, 2));
    let at = |name: &str| format!("changed aws_dynamodb_table.t /point_in_time_recovery/0/{name}");
    let [enabled, days] = [at("enabled"), at("recovery_period_in_days")];
    assert_eq!(told(&table(true, 1)), std::slice::from_ref(&days));
    assert_eq!(told(&table(false, 35)), std::slice::from_ref(&enabled));
    assert_eq!(told(&table(false, 1)), [enabled, days]);
}

/// What an action of a listener can hold is a secret as a whole: what of it no row tells is not lost.
#[test]
fn a_part_beside_a_possible_secret_is_a_gap_where_no_row_tells_of_it() {
    let listener = |body: &str, status: &str| {
        let response =
            json!([{"content_type": "text/plain", "message_body": body, "status_code": status}]);
        let action = json!([{"type": "fixed-response", "order": 1, "fixed_response": response}]);
        json!({"id": LISTENER, "arn": LISTENER, "port": 443, "protocol": "HTTPS", "default_action": action})
    };
    let approved = listener("closed", "503");
    let plan = ("aws_lb_listener", "l", approved.clone());
    let told = |now: &Value, status: i32| {
        let scan = scan(&plan, &approved, now, status);
        [deviations(&scan), gaps(&scan)].concat()
    };
    assert_eq!(told(&approved, 0), [""; 0]);
    assert_eq!(
        told(&listener("open", "503"), 2),
        ["not_comparable aws_lb_listener.l /default_action"]
    );
    assert_eq!(
        told(&listener("open", "200"), 2),
        ["changed aws_lb_listener.l /default_action/0/fixed_response/0/status_code"]
    );
}

/// `explain` says the same of it as the scan, and asks nothing that was not asked.
#[test]
fn a_part_beside_a_possible_secret_is_explained() {
    let listener = |body: &str| {
        let response =
            json!([{"content_type": "text/plain", "message_body": body, "status_code": "503"}]);
        let action = json!([{"type": "fixed-response", "order": 1, "fixed_response": response}]);
        json!({"id": LISTENER, "arn": LISTENER, "port": 443, "protocol": "HTTPS", "default_action": action})
    };
    let [before, now] = ["closed", "open"].map(|body| [("aws_lb_listener", "l", listener(body))]);
    let own = Workspace::of(&before, &now);
    own.are_now(&before, &now);
    let words = ["explain", "aws_lb_listener.l", "/default_action"];
    let output = own.driftwarden(&words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let named = text.split("ATTRIBUTE").nth(1).unwrap();
    let packed = named.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        packed.contains(
            "not comparable: it is not what the state said before, and it can hold a secret"
        ),
        "{text}"
    );
    assert!(packed.contains("same-digest did not hold"), "{text}");
    assert!(!packed.contains("providers-own"), "{text}");
    assert!(!packed.contains("open\""), "{text}");
}

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/a/1/2";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf";

#[test]
fn what_another_resource_put_there_is_its_own() {
    let secret = |policy: &str| json!({"id": SECRET, "arn": SECRET, "name": "s", "policy": policy});
    let policy = |of: &str| json!({"id": of, "secret_arn": of, "policy": "{\"Statement\":[]}"});
    let told = |of: &str, status: i32| {
        let all = |text: &str| {
            [
                ("aws_secretsmanager_secret", "s", secret(text)),
                ("aws_secretsmanager_secret_policy", "s", policy(of)),
            ]
        };
        let own = Workspace::of(&all(""), &all("{\"Statement\":[]}"));
        deviations(&own.scan(status))
    };
    assert_eq!(told(SECRET, 0), [""; 0]);
    // That another secret has one says nothing of this one.
    assert_eq!(
        told(&SECRET.replace(":s-", ":t-"), 2),
        ["changed aws_secretsmanager_secret.s /policy"]
    );
}

#[test]
fn a_volume_that_nobody_attached_by_a_resource_is_told() {
    let disk = |id: &str| json!({"device_name": "/dev/sdh", "volume_id": id});
    let told = |volumes: &[&str], status: i32| {
        let all = |disks: &[&str]| {
            let disks: Vec<Value> = disks.iter().map(|id| disk(id)).collect();
            [
                (
                    "aws_instance",
                    "i",
                    json!({"id": "i-0a1b2c3d4e5f60718", "ebs_block_device": disks}),
                ),
                (
                    "aws_volume_attachment",
                    "v",
                    json!({"id": "vai-1", "device_name": "/dev/sdh",
                    "instance_id": "i-0a1b2c3d4e5f60718", "volume_id": "vol-0a1b2c3d4e5f60718"}),
                ),
            ]
        };
        let own = Workspace::of(&all(&[]), &all(volumes));
        deviations(&own.scan(status))
    };
    let own = "vol-0a1b2c3d4e5f60718";
    assert_eq!(told(&[own], 0), [""; 0]);
    assert_eq!(
        told(&[own, "vol-0ffffffffffffffff"], 2),
        ["changed aws_instance.i /ebs_block_device"]
    );
}

#[test]
fn an_attribute_with_two_names_is_told_once() {
    let rule = |on: bool| {
        let state = if on { "ENABLED" } else { "DISABLED" };
        json!({"id": "r", "name": "r", "is_enabled": on, "state": state})
    };
    let plan = ("aws_cloudwatch_event_rule", "r", rule(true));
    let scan = scan(&plan, &rule(true), &rule(false), 2);
    assert_eq!(
        deviations(&scan),
        ["changed aws_cloudwatch_event_rule.r /state"]
    );
}

/// A rule that nobody wrote the state of: the plan that makes it says null, the provider reads back what
/// it is.
#[test]
fn what_a_plan_that_creates_leaves_open_is_as_the_state_after_it() {
    let rule = |state: Value| {
        [(
            "aws_scheduler_schedule",
            "s",
            json!({"id": "s", "name": "s", "schedule_expression": "rate(1 hour)", "state": state}),
        )]
    };
    let read_back = rule(json!("ENABLED"));
    let own = Workspace::of(&rule(json!(null)), &read_back);
    own.are_now(&read_back, &read_back);
    let gap = ["not_comparable aws_scheduler_schedule.s /state"];
    let told = |status: i32| {
        let scan = own.scan(status);
        assert_eq!(deviations(&scan), [""; 0]);
        gaps(&scan)
    };
    // A plan that changes nothing knew how it was: it is other now.
    assert_eq!(told(2), gap);
    let plan: Value = serde_json::from_str(&own.place.read("plan.json")).unwrap();
    let mut made = plan.clone();
    let change = &mut made["resource_changes"][0]["change"];
    change["actions"] = json!(["create"]);
    change["before"] = json!(null);
    own.place.write("plan.json", made.to_string());
    assert_eq!(told(0), [""; 0]);
    // What the plan says is no open place.
    let mut other = made.clone();
    other["resource_changes"][0]["change"]["after"]["state"] = json!("DISABLED");
    own.place.write("plan.json", other.to_string());
    assert_eq!(told(2), gap);
    own.place.write("plan.json", made.to_string());
    assert_eq!(told(0), [""; 0]);
    // A state from after something else was done shows what that did.
    own.pulled("ab", 8);
    assert_eq!(told(2), gap);
    own.pulled("ab", 7);
    // A change since then is one.
    own.are_now(&read_back, &rule(json!("DISABLED")));
    let changed = ["changed aws_scheduler_schedule.s /state"];
    assert_eq!(deviations(&own.scan(2)), changed);
}

#[test]
fn what_the_provider_reads_back_in_another_writing_is_the_same() {
    let told = |kind: &'static str, name: &str, wrote: &str, reads: &str| {
        let of = |text: &str| json!({"id": "x", "name": "x", name: text});
        let (wrote, reads) = (of(wrote), of(reads));
        let own = Workspace::of(&[(kind, "x", wrote)], &[(kind, "x", reads.clone())]);
        own.are_now(&[(kind, "x", reads.clone())], &[(kind, "x", reads)]);
        let output = own
            .driftwarden(&["scan", "--format", "json"])
            .output()
            .unwrap();
        gaps(&crate::scan::result(&output)).len()
    };
    for (kind, name, wrote, same, other) in [
        (
            "aws_iam_openid_connect_provider",
            "url",
            "https://token.bank.example",
            "token.bank.example",
            "token.other.example",
        ),
        (
            "aws_iam_user_ssh_key",
            "public_key",
            "ssh-rsa AAAAB3NzaC1yc2E ana@bank.example",
            "ssh-rsa AAAAB3NzaC1yc2E",
            "ssh-rsa AAAAB3NzaC1yc2F",
        ),
        ("aws_elasticache_user", "engine", "REDIS", "redis", "valkey"),
        // Of others nothing tells.
        ("aws_scheduler_schedule", "name_prefix", "A", "A", "a"),
    ] {
        assert_eq!(told(kind, name, wrote, same), 0, "{kind}");
        assert_eq!(told(kind, name, wrote, other), 1, "{kind}");
    }
}
