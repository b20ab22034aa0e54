//! What was added by hand beside resources that own their part of another one: a refresh reads only what
//! is approved, and the addition shows at the owner.

use serde_json::{Value, json};

use super::support::{Resource, Workspace, deviations};

const POLICY: &str = "arn:aws:iam::111122223333:policy/";

pub fn role(attached: &[&str], inline: &[(&str, &str)]) -> Resource {
    let arns = attached.iter().map(|name| format!("{POLICY}{name}"));
    let inline = inline
        .iter()
        .map(|(name, action)| json!({"name": name, "policy": document(action)}));
    (
        "aws_iam_role",
        "app",
        json!({"id": "app", "name": "app", "arn": "arn:aws:iam::111122223333:role/app", "path": "/",
            "managed_policy_arns": arns.collect::<Vec<_>>(), "inline_policy": inline.collect::<Vec<_>>()}),
    )
}

fn document(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

pub fn attachment(name: &'static str) -> Resource {
    let arn = format!("{POLICY}{name}");
    (
        "aws_iam_role_policy_attachment",
        name,
        json!({"id": format!("app/{arn}"), "role": "app", "policy_arn": arn}),
    )
}

pub fn inline(name: &'static str, action: &str) -> Resource {
    (
        "aws_iam_role_policy",
        name,
        json!({"id": format!("app:{name}"), "role": "app", "name": name, "policy": document(action)}),
    )
}

fn exclusive() -> Resource {
    let arn = format!("{POLICY}read");
    (
        "aws_iam_policy_attachment",
        "read",
        json!({"id": "read", "name": "read", "policy_arn": arn, "roles": ["app"], "users": [], "groups": []}),
    )
}

fn group(ports: &[u16]) -> Resource {
    let rules = ports.iter().map(|port| {
        json!({"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"],
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false, "description": ""})
    });
    (
        "aws_security_group",
        "web",
        json!({"id": "sg-1", "name": "web", "ingress": rules.collect::<Vec<_>>(), "egress": []}),
    )
}

fn rule(port: u16) -> Resource {
    (
        "aws_security_group_rule",
        "web",
        json!({"id": "sgrule-1", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
            "from_port": port, "to_port": port, "cidr_blocks": ["10.0.0.0/8"], "self": false, "description": ""}),
    )
}

/// What a scan says, with the values of both sides. It ends with 2 where anything deviates.
fn told(own: &Workspace, approved: &[Resource], now: &[Resource]) -> Vec<String> {
    own.are_now(approved, now);
    let output = own
        .driftwarden(&["scan", "--format", "json"])
        .output()
        .unwrap();
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    let scan: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = scan["deviations"].as_array().unwrap().iter();
    let sides = all.map(|own| format!(" {} {}", own["approved"], own["live"]));
    let told = deviations(&scan).into_iter().zip(sides);
    assert_eq!(scan["gaps"].as_array().map(Vec::len), Some(0), "{scan}");
    told.map(|(told, sides)| told + &sides).collect()
}

/// The owner was read before anything lay within it: its own values tell nothing of that.
#[test]
fn what_is_attached_by_hand_beside_what_is_approved_is_told_at_its_owner() {
    let approved = [
        role(&[], &[]),
        attachment("read"),
        inline("own", "s3:GetObject"),
    ];
    let own = Workspace::of(&approved, &approved);
    let now = |attached: &[&str], policies: &[(&str, &str)]| {
        [
            role(attached, policies),
            attachment("read"),
            inline("own", "s3:GetObject"),
        ]
    };
    let inline_own = ("own", "s3:GetObject");
    assert_eq!(
        told(&own, &approved, &now(&["read"], &[inline_own])),
        [""; 0]
    );
    let more = now(&["read", "admin"], &[inline_own]);
    assert_eq!(
        told(&own, &approved, &more),
        [
            r#"changed aws_iam_role.app /managed_policy_arns [] ["arn:aws:iam::111122223333:policy/admin"]"#
        ]
    );
    let listed = own.driftwarden(&["findings"]).output().unwrap();
    assert_eq!(listed.status.code(), Some(2));
    let more = now(&["read"], &[inline_own, ("door", "iam:PassRole")]);
    let found = told(&own, &approved, &more);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("changed aws_iam_role.app /inline_policy [] "),
        "{found:?}"
    );
    assert!(
        found[0].contains("door") && !found[0].contains("GetObject"),
        "{found:?}"
    );
    // Once it is gone nothing is open any more.
    assert_eq!(
        told(&own, &approved, &now(&["read"], &[inline_own])),
        [""; 0]
    );
    let listed = own.driftwarden(&["findings"]).output().unwrap();
    assert_eq!(listed.status.code(), Some(0), "{listed:?}");
}

#[test]
fn what_is_changed_is_told_by_the_resource_itself_alone() {
    let approved = [role(&[], &[]), inline("own", "s3:GetObject")];
    let own = Workspace::of(&approved, &approved);
    let now = [role(&[], &[("own", "s3:*")]), inline("own", "s3:*")];
    let found = told(&own, &approved, &now);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("changed aws_iam_role_policy.own /policy "),
        "{found:?}"
    );
}

#[test]
fn an_attachment_that_names_its_roles_owns_what_the_role_shows() {
    let approved = [role(&[], &[]), exclusive()];
    let own = Workspace::of(&approved, &approved);
    let now = |attached: &[&str]| [role(attached, &[]), exclusive()];
    assert_eq!(told(&own, &approved, &now(&["read"])), [""; 0]);
    assert_eq!(
        told(&own, &approved, &now(&["admin", "read"])),
        [
            r#"changed aws_iam_role.app /managed_policy_arns [] ["arn:aws:iam::111122223333:policy/admin"]"#
        ]
    );
}

#[test]
fn what_nothing_tells_the_policy_of_may_be_any() {
    let (kind, name, mut open) = exclusive();
    open.as_object_mut().unwrap().remove("policy_arn");
    let approved = [role(&[], &[]), (kind, name, open)];
    let own = Workspace::of(&approved, &approved);
    let now = [role(&["read"], &[]), approved[1].clone()];
    assert_eq!(told(&own, &approved, &now), [""; 0]);
}

#[test]
fn a_rule_added_by_hand_beside_rules_of_their_own_is_told_at_its_group() {
    let approved = [group(&[]), rule(443)];
    let own = Workspace::of(&approved, &approved);
    assert_eq!(told(&own, &approved, &[group(&[443]), rule(443)]), [""; 0]);
    let found = told(&own, &approved, &[group(&[443, 22]), rule(443)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("changed aws_security_group.web /ingress [] "),
        "{found:?}"
    );
    assert!(
        found[0].contains("22") && !found[0].contains("443"),
        "{found:?}"
    );
}

#[test]
fn nothing_is_said_to_be_added_where_one_of_the_approved_is_not_known() {
    let unknown = (
        "aws_iam_role_policy_attachment",
        "later",
        json!({"id": "app/later", "role": "app"}),
    );
    let approved = [role(&[], &[]), unknown];
    let own = Workspace::of(&approved, &approved);
    let now = [role(&["read"], &[]), approved[1].clone()];
    assert_eq!(told(&own, &approved, &now), [""; 0]);
}

/// What the rules for parts call critical is so where only the owner shows it. What can be set back there
/// is asked for; what only the part could be fixed by is not.
#[test]
fn what_was_added_is_as_grave_as_where_the_part_is_seen() {
    let judged = |approved: &[Resource], now: &[Resource]| -> String {
        let scan = Workspace::of(approved, now).scan(2);
        let all = scan["deviations"].as_array().unwrap();
        assert_eq!(all.len(), 1, "{scan:#}");
        let word = |name: &str| all[0][name].as_str().unwrap().to_owned();
        ["attribute", "rule", "severity", "action"]
            .map(word)
            .join(" ")
    };
    let approved = [
        role(&[], &[]),
        attachment("read"),
        inline("own", "s3:GetObject"),
    ];
    let now = |attached: &[&str], policies: &[(&str, &str)]| {
        [
            role(attached, policies),
            approved[1].clone(),
            approved[2].clone(),
        ]
    };
    let own = ("own", "s3:GetObject");
    assert_eq!(
        judged(&approved, &now(&["read", "AdministratorAccess"], &[own])),
        "/managed_policy_arns iam-privileged-policy-held critical alert"
    );
    assert_eq!(
        judged(&approved, &now(&["read", "more"], &[own])),
        "/managed_policy_arns iam-policies-held-changed high alert"
    );
    assert_eq!(
        judged(&approved, &now(&["read"], &[own, ("door", "*")])),
        "/inline_policy iam-inline-policy-held-allows-everything critical alert"
    );
    assert_eq!(
        judged(
            &approved,
            &now(&["read"], &[own, ("door", "s3:ListBucket")])
        ),
        "/inline_policy iam-policies-held-changed high alert"
    );
    let approved = [group(&[443]), rule(443)];
    let mut open = group(&[443, 22]);
    open.2["ingress"][1]["cidr_blocks"] = json!(["0.0.0.0/0"]);
    assert_eq!(
        judged(&approved, &[open, rule(443)]),
        "/ingress sg-open-to-world critical remediate"
    );
}
