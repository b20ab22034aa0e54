//! What a resource shows and another one owns: told by the owner, and by nobody else's.

use serde_json::{Value, json};

use super::support::{TOPIC, Workspace, deviations};

fn policy(who: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sns:Publish",
        "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

const OWN: &str = "arn:aws:iam::111122223333:root";

/// Two topics of which one has its policy in a resource of its own, with the policies that they have.
fn resources(first: &str, second: &str) -> [(&'static str, &'static str, Value); 3] {
    let other = TOPIC.replace(":t", ":u");
    let topic = |arn: &str, name: &str, who: &str| json!({"id": arn, "arn": arn, "name": name, "policy": policy(who)});
    [
        ("aws_sns_topic", "t", topic(TOPIC, "t", first)),
        ("aws_sns_topic", "u", topic(&other, "u", second)),
        (
            "aws_sns_topic_policy",
            "u",
            json!({"id": other, "arn": other, "policy": policy(second)}),
        ),
    ]
}

/// Both were approved for the account itself.
fn workspace(first: &str, second: &str) -> Workspace {
    Workspace::of(&resources(OWN, OWN), &resources(first, second))
}

#[test]
fn a_policy_is_told_by_the_resource_that_owns_it_and_by_the_topic_where_none_does() {
    let own = workspace(OWN, OWN);
    assert_eq!(deviations(&own.scan(0)), [""; 0]);
    let own = workspace(OWN, "*");
    let told = ["changed aws_sns_topic_policy.u /policy"];
    assert_eq!(deviations(&own.scan(2)), told);
    // That another topic has one says nothing of this one.
    let own = workspace("*", OWN);
    assert_eq!(
        deviations(&own.scan(2)),
        ["changed aws_sns_topic.t /policy"]
    );
}

/// No item shows anything: what the refresh read was compared, with the table and without.
#[test]
fn what_a_refresh_compares_is_covered() {
    let counted = |own: &Workspace| -> String {
        let output = own.driftwarden(&["coverage"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        let watched = text.split("\n\n").find(|part| part.starts_with("WATCHED"));
        let words = watched.unwrap_or(&text).split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    let own = Workspace::new("");
    let told = counted(&own);
    assert!(
        told.starts_with(
            "WATCHED 88.8 %: 8 of 9 approved attributes 9 = 6 compared + 2 key + 1 not mapped"
        ),
        "{told}"
    );
    // The topic that has a policy apart shows one that is compared there.
    let told = counted(&workspace(OWN, OWN));
    assert!(told.contains("1 elsewhere"), "{told}");
    // A folder that cannot be refreshed tells nothing.
    own.place.write("root/shown", "nothing");
    let told = counted(&own);
    assert!(told.starts_with("WATCHED 0.0 %"), "{told}");
}
