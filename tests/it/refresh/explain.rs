//! `driftwarden explain` of what a refresh alone tells: both values, raw and in canonical form, what was
//! considered, and the row, or that there is none.

use serde_json::{Value, json};

use super::beside::{attachment, inline, role};
use super::support::{Resource, Shown, Workspace, both};

fn explain(own: &Workspace, words: &[&str]) -> String {
    let words = [&["explain"], words].concat();
    let output = own.driftwarden(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    own.holds_no_secret(&output);
    String::from_utf8(output.stdout).unwrap()
}

fn in_json(own: &Workspace, words: &[&str]) -> Value {
    let words = [words, &["--format", "json"]].concat();
    serde_json::from_str(&explain(own, &words)).unwrap()
}

fn changed(address: &'static str, attribute: &'static str, value: Value) -> Workspace {
    let own = Workspace::new("");
    own.shown(&Shown {
        changed: vec![(address, attribute, value, false)],
        written: vec![(address, attribute)],
        ..Shown::default()
    });
    own
}

/// From the first row on.
fn rows(text: &str) -> String {
    let is_row = |line: &&str| line.starts_with("ROW") || line.starts_with("ATTRIBUTE");
    let lines = text.lines().skip_while(|line| !is_row(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_row_of_a_table_is_taken_apart_for_a_refresh() {
    let own = changed("aws_sns_topic.t", "display_name", json!("by hand"));
    insta::assert_snapshot!(rows(&explain(&own, &["aws_sns_topic.t"])), @r#"
    ROW         /display_name
      told by     a refresh by Terraform
      form        scalar
                  the schema as driftwarden ships it declares it a single value
      live        /display_name of arn:aws:sns:eu-west-1:111122223333:t in refresh of `files` by
                  `refresh`
        raw         "by hand"
        canonical   "by hand"
      baseline    plan.json (digest 0abdbccdff14)
        raw         "approved"
        canonical   "approved"
        considered  unset did not hold: at least one side sets something
        considered  same did not hold: they are not written alike
        considered  scalar-type did not hold: no text on one side is a number or flag on the other
        considered  word did not hold: the table gives the live value no such meaning
        considered  ignore_changes did not hold: the Terraform source of the resource is not known
        so          differs at /display_name
      outcome     differs
    NOTE        it is not known whether ignore_changes sets this aside: the Terraform source of the
                resource is not known
    "#);
}

#[test]
fn what_is_as_approved_is_explained_as_well() {
    let own = Workspace::new("");
    let told = in_json(&own, &["aws_sns_topic.t", "/display_name"]);
    assert_eq!(told["deviations"], json!([]));
    let rows = told["explanation"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{told:#}");
    assert_eq!(rows[0]["told_by"], "terraform_refresh");
    assert_eq!(rows[0]["is_row"], true);
    assert_eq!(rows[0]["outcome"], "equal");
    assert_eq!(rows[0]["live"]["raw"], "\"approved\"");
    assert_eq!(rows[0]["approved"][0]["raw"], "\"approved\"");
}

#[test]
fn an_attribute_that_no_table_knows_is_taken_apart_as_the_provider_writes_it() {
    let own = changed("local_file.a", "content", json!("by hand"));
    insta::assert_snapshot!(rows(&explain(&own, &["local_file.a"])), @r#"
    ATTRIBUTE   /content
      told by     a refresh by Terraform
      form        as the provider writes it
                  no provider schema is known to declare it
                  the refresh shows it otherwise than the state had it
      live        /content of 1 in refresh of `files` by `refresh`
        raw         "by hand"
        canonical   "by hand"
      baseline    plan.json (digest 0abdbccdff14)
        raw         "approved"
        canonical   "approved"
        considered  same did not hold: they are not written alike, and how nothing is written does not
                    explain it
        considered  providers-own did not hold: no schema is known, and the configuration writes it by
                    its name
        considered  ignore_changes did not hold: the Terraform source of the resource is not known
        so          differs at /content
      outcome     differs
    NOTE        no mapping table knows the type
    NOTE        where no row tells, both sides of a refresh are compared as the provider writes them; of
                its schema counts only whether anybody but the provider sets the attribute
    NOTE        it is not known whether ignore_changes sets this aside: the Terraform source of the
                resource is not known
    "#);
    let told = in_json(&own, &["local_file.a", "/content"]);
    let row = &told["explanation"]["rows"][0];
    assert_eq!(row["is_row"], false);
    assert_eq!(row["live"]["raw"], "\"by hand\"");
    assert_eq!(row["approved"][0]["raw"], "\"approved\"");
    assert_eq!(row["approved"][0]["differs_at"], json!(["/content"]));
    let equal = in_json(&own, &["local_file.a", "/mode"]);
    assert_eq!(equal["explanation"]["rows"][0]["outcome"], "equal");
}

#[test]
fn what_nothing_tells_says_why() {
    let own = Workspace::new("");
    own.shown(&Shown {
        changed: vec![("local_file.a", "content", json!("long ago"), true)],
        ..Shown::default()
    });
    let told = explain(&own, &["local_file.a", "/content"]);
    let words: Vec<&str> = told.split_whitespace().collect();
    let told = words.join(" ");
    assert!(
        told.contains(
            "outcome not comparable: it is not what the plan approves, the state said so before"
        ),
        "{told}"
    );
    assert!(
        told.contains("raw \"long ago\"") && told.contains("raw \"approved\""),
        "{told}"
    );
}

#[test]
fn of_a_secret_the_digests_alone_are_told_apart() {
    let own = changed("test_login.s", "password", json!("hunter3hunter3"));
    let told = in_json(&own, &["test_login.s", "/password"]);
    let row = &told["explanation"]["rows"][0];
    assert_eq!(row["outcome"], "differs", "{told:#}");
    let (live, approved) = (&row["live"], &row["approved"][0]);
    assert!(
        live["raw"].is_null() && approved["raw"].is_null(),
        "{told:#}"
    );
    assert!(live["digest"].is_string(), "{told:#}");
    assert_ne!(live["digest"], approved["digest"]);
    assert_eq!(approved["considered"][0]["equivalence"], "same-digest");
    let text = explain(&own, &["test_login.s"]);
    assert!(text.contains("of a secret"), "{text}");
}

#[test]
fn what_others_own_is_told_apart_from_what_was_added() {
    let approved = [
        role(&[], &[]),
        attachment("read"),
        inline("own", "s3:GetObject"),
    ];
    let now = [
        role(&["read", "admin"], &[("own", "s3:GetObject")]),
        attachment("read"),
        inline("own", "s3:GetObject"),
    ];
    let own = Workspace::of(&approved, &now);
    insta::assert_snapshot!(rows(&explain(&own, &["aws_iam_role.app"])), @r#"
    ROW         /managed_policy_arns
      told by     a refresh by Terraform
      form        set
                  the schema as driftwarden ships it declares it a set
                  stands back where aws_iam_role_policy_attachment is approved for the resource
      live        /managed_policy_arns of app in refresh of `files` by `refresh`
        raw         ["arn:aws:iam::111122223333:policy/read","arn:aws:iam::111122223333:policy/admin"]
        canonical   ["arn:aws:iam::111122223333:policy/admin", "arn:aws:iam::111122223333:policy/read"]
      baseline    plan.json (digest 96f0f79b78d3)
        raw         []
        canonical   []
        considered  owned-apart did not hold: nobody approved
                    ["arn:aws:iam::111122223333:policy/admin"]; all else that is there is approved, here
                    or by aws_iam_role_policy_attachment.read
        considered  ignore_changes did not hold: the Terraform source of the resource is not known
        so          differs at /managed_policy_arns
      outcome     differs
    NOTE        it is not known whether ignore_changes sets this aside: the Terraform source of the
                resource is not known
    "#);
    let equal = in_json(&own, &["aws_iam_role.app", "/inline_policy"]);
    let row = &equal["explanation"]["rows"][0];
    assert_eq!(row["outcome"], "equal", "{equal:#}");
    assert_eq!(
        row["approved"][0]["considered"][0]["equivalence"],
        "owned-apart"
    );
}

/// Whatever a scan tells by a refresh, `explain` shows a row that differs there.
#[test]
fn each_finding_of_a_refresh_has_a_row_that_differs() {
    let approved: [Resource; 3] = [
        (
            "aws_s3_bucket",
            "b",
            json!({"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b", "request_payer": "BucketOwner",
                "tags_all": {"Team": "a", "Env": "p"}, "versioning": [{"enabled": true, "mfa_delete": false}]}),
        ),
        role(&["read"], &[("own", "s3:GetObject")]),
        (
            "local_file",
            "l",
            json!({"id": "l", "content": "x", "mode": ["a"]}),
        ),
    ];
    let mut now = approved.clone();
    now[0].2["tags_all"]["Env"] = json!("q");
    now[0].2["versioning"][0]["enabled"] = json!(false);
    now[1] = role(&["admin"], &[("own", "s3:*")]);
    now[2].2["content"] = json!("y");
    let own = Workspace::of(&approved, &now);
    let scan = own.scan(2);
    let all = scan["deviations"].as_array().unwrap();
    assert!(all.len() > 3, "{scan:#}");
    for one in all {
        let told = in_json(&own, &[one["id"].as_str().unwrap()]);
        assert_eq!(told["status"], "open: the inputs show it");
        let rows = told["explanation"]["rows"].as_array().unwrap();
        let differs = rows.iter().filter(|row| row["outcome"] == "differs");
        let at = differs.flat_map(|row| row["approved"][0]["differs_at"].as_array().unwrap());
        assert!(at.into_iter().any(|at| *at == one["attribute"]), "{told:#}");
    }
}
