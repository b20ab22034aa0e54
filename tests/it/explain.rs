//! `driftwarden explain`, on the demo estate: findings, attributes in order, and what cannot be
//! explained.
#![cfg(test)]

use std::path::{Path, PathBuf};

use driftwarden::cli::demo::{NOW, demo};
use driftwarden::cli::explain::{Format, show};
use driftwarden::engine::{Outcome, Question};
use driftwarden::model::{Address, AttributePath, DeviationKind, Verdict};
use serde_json::Value;

use crate::cases::Copy;
use crate::scan::{Place, stderr};

struct Demo {
    _copy: Copy,
    config: PathBuf,
    outcome: Outcome,
}

fn scanned() -> Demo {
    let copy = Copy::empty();
    let dir = copy.path().join("demo");
    let outcome = demo(&dir, &mut Vec::new(), &mut Vec::new()).unwrap();
    Demo {
        config: dir.join("estate/driftwarden.hcl"),
        _copy: copy,
        outcome,
    }
}

impl Demo {
    fn finding(&self, address: &str) -> String {
        let mut deviations = self.outcome.assessment.deviations.iter();
        let found = deviations.find(|judged| {
            let own = judged.deviation.address.as_ref();
            own.is_some_and(|own| own.as_str() == address)
        });
        found.unwrap().deviation.finding_key().to_string()
    }

    fn attribute(&self, address: &str, attribute: &str) -> String {
        let question = Question::Attribute {
            workspace: None,
            address: Address::from(address),
            attribute: AttributePath::from(attribute),
        };
        explained(&self.config, &question, Format::Text)
    }

    fn text(&self, finding: &str) -> String {
        explained(
            &self.config,
            &Question::Finding(finding.to_owned()),
            Format::Text,
        )
    }
}

fn explained(config: &Path, question: &Question, format: Format) -> String {
    let mut out = Vec::new();
    let done = show(config, question, format, 1, &|| NOW, &mut out);
    match done {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn findings_are_taken_apart() {
    let demo = scanned();
    insta::assert_snapshot!(demo.text(&demo.finding("aws_db_instance.ledger")), @r"
    FINDING     9b674a2a16d8a64884e9d3697cefb0ae
                open: the inputs show it
                last recorded at 2026-11-04T09:30:00Z
    DEVIATION   aws_db_instance.ledger changed /backup_retention_period
      id          94e3a1c71eaa7cb034a2d6cd6a1fcd44
      verdict     unauthorised
      because     reverted: /backup_retention_period is what it was before CHG0031007, which was seen
                  applied
      rule        db-protection-weakened: high, alert
      approved    35
      live        7

    RESOURCE    aws_db_instance.ledger
                aws_db_instance, workspace payments, terraform/payments/data.tf:16:1
    TABLE       src/normalise/aws/db_instance.toml for AWS::RDS::DBInstance
      found by    identifier = configuration.dBInstanceIdentifier: `payments-ledger`
      or by       resource_id = resourceId: `db-192385B8F5E628486`
    ITEM        db-192385B8F5E628486 of 2026-11-04T06:00:12.481Z in
                live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json, account
                111122223333, eu-west-1: it is there

    ROW         /backup_retention_period
      live path   configuration.backupRetentionPeriod
      form        scalar
                  the schema as driftwarden ships it declares it a single value
                  an approved null leaves the choice to the provider
      live        configuration.backupRetentionPeriod of db-192385B8F5E628486 in
                  live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json
        raw         7
        canonical   7
      baseline    plans/payments/CHG0031042.json (digest f1ee8062834d, CHG0031042)
        raw         35
        canonical   35
        considered  providers-choice did not hold: the plan sets a value
        considered  unset did not hold: at least one side sets something
        considered  same did not hold: they are not written alike
        considered  scalar-type did not hold: no text on one side is a number or flag on the other
        considered  word did not hold: the table gives the live value no such meaning
        considered  ignore_changes did not hold: the author ignores no change of it
        so          differs at /backup_retention_period
      earlier     plans/payments/baseline.json (digest 6d8f4e180966, CHG0031007)
        raw         35
        canonical   35
        considered  providers-choice did not hold: the plan sets a value
        considered  unset did not hold: at least one side sets something
        considered  same did not hold: they are not written alike
        considered  scalar-type did not hold: no text on one side is a number or flag on the other
        considered  word did not hold: the table gives the live value no such meaning
        so          differs at /backup_retention_period
      earlier     what was there before the baseline's plan
        raw         7
        canonical   7
        considered  providers-choice did not hold: the plan sets a value
        considered  unset did not hold: at least one side sets something
        considered  same held: both are written alike
        so          equal
      outcome     differs
    ");
    insta::assert_snapshot!(demo.text(&demo.finding("aws_security_group.bastion")), @r#"
    FINDING     9309dec74fa954547271ee53025f7f00
                open: the inputs show it
                last recorded at 2026-11-04T09:30:00Z
    DEVIATION   aws_security_group.bastion changed /ingress
      id          2155b6e89cb5eda8f4cbdc1297aeee53
      verdict     unauthorised
      because     no change record covers /ingress
      rule        sg-open-to-world: critical, remediate
      live        cidr_blocks = ["0.0.0.0/0"], description = "tmp", from_port = 22, ipv6_cidr_blocks =
                  [], prefix_list_ids = [], protocol = "tcp", security_groups = [], self = false,
                  to_port = 22

    RESOURCE    aws_security_group.bastion
                aws_security_group, workspace payments, terraform/payments/network.tf:44:1
    TABLE       src/normalise/aws/security_group.toml for AWS::EC2::SecurityGroup
      found by    id = resourceId: `sg-053ac004de18a237f`
    ITEM        sg-053ac004de18a237f of 2026-11-04T06:00:12.481Z in
                live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json, account
                111122223333, eu-west-1: it is there

    ROW         /ingress
      live path   configuration.ipPermissions
      form        ingress_rules
                  the schema as driftwarden ships it declares it a set
                  stands back where aws_security_group_rule or aws_vpc_security_group_ingress_rule is
                  approved for the item
      live        configuration.ipPermissions of sg-053ac004de18a237f in
                  live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json
        raw         [{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipv6Ranges":[],"prefixListIds":[],"u
                    serIdGroupPairs":[],"ipv4Ranges":[{"cidrIp":"10.0.0.0/8","description":"Bank
                    network"}],"ipRanges":["10.0.0.0/8"]},{"ipProtocol":"tcp","fromPort":22,"toPort":22,
                    "ipv6Ranges":[],"prefixListIds":[],"userIdGroupPairs":[],"ipv4Ranges":[{"cidrIp":"0.
                    0.0.0/0","description":"tmp"}],"ipRanges":["0.0.0.0/0"]}]
        canonical   [{ cidr_blocks = ["10.0.0.0/8"], description = "Bank network", from_port = 22,
                    ipv6_cidr_blocks = [], prefix_list_ids = [], protocol = "tcp", security_groups = [],
                    self = false, to_port = 22 }, { cidr_blocks = ["0.0.0.0/0"], description = "tmp",
                    from_port = 22, ipv6_cidr_blocks = [], prefix_list_ids = [], protocol = "tcp",
                    security_groups = [], self = false, to_port = 22 }]
      baseline    plans/payments/CHG0031042.json (digest f1ee8062834d, CHG0031042)
        raw         [{"cidr_blocks":["10.0.0.0/8"],"description":"Bank
                    network","from_port":22,"ipv6_cidr_blocks":[],"prefix_list_ids":[],"protocol":"tcp",
                    "security_groups":[],"self":false,"to_port":22}]
        canonical   [{ cidr_blocks = ["10.0.0.0/8"], description = "Bank network", from_port = 22,
                    ipv6_cidr_blocks = [], prefix_list_ids = [], protocol = "tcp", security_groups = [],
                    self = false, to_port = 22 }]
        considered  unset did not hold: at least one side sets something
        considered  rule-split did not hold: one side admits traffic that the other does not
        considered  ignore_changes did not hold: the author ignores no change of it
        so          differs at /ingress
      outcome     differs
    "#);
}

#[test]
fn what_does_not_deviate_is_explained_as_well() {
    let demo = scanned();
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/engine_version"), @r#"
    DEVIATIONS  none: nothing of the attribute deviates

    RESOURCE    aws_db_instance.ledger
                aws_db_instance, workspace payments, terraform/payments/data.tf:16:1
    TABLE       src/normalise/aws/db_instance.toml for AWS::RDS::DBInstance
      found by    identifier = configuration.dBInstanceIdentifier: `payments-ledger`
      or by       resource_id = resourceId: `db-192385B8F5E628486`
    ITEM        db-192385B8F5E628486 of 2026-11-04T06:00:12.481Z in
                live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json, account
                111122223333, eu-west-1: it is there

    ROW         /engine_version
      live path   configuration.engineVersion
      form        version_prefix
                  the schema as driftwarden ships it declares it a single value
                  an approved null leaves the choice to the provider
      live        configuration.engineVersion of db-192385B8F5E628486 in
                  live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json
        raw         "16.8"
        canonical   "16.8"
      baseline    plans/payments/CHG0031042.json (digest f1ee8062834d, CHG0031042)
        raw         "16"
        canonical   "16"
        considered  providers-choice did not hold: the plan sets a value
        considered  unset did not hold: at least one side sets something
        considered  same did not hold: they are not written alike
        considered  scalar-type did not hold: no text on one side is a number or flag on the other
        considered  version-prefix held: the live version begins with the approved one
        so          equal
      outcome     equal
    "#);
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/password"), @r"
    DEVIATIONS  none: nothing of the attribute deviates

    RESOURCE    aws_db_instance.ledger
                aws_db_instance, workspace payments, terraform/payments/data.tf:16:1
    TABLE       src/normalise/aws/db_instance.toml for AWS::RDS::DBInstance
      found by    identifier = configuration.dBInstanceIdentifier: `payments-ledger`
      or by       resource_id = resourceId: `db-192385B8F5E628486`
    ITEM        db-192385B8F5E628486 of 2026-11-04T06:00:12.481Z in
                live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json, account
                111122223333, eu-west-1: it is there
    NOTE        the table sets /password aside: never given back by the API
    ");
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/colour"), @r"
    DEVIATIONS  none: nothing of the attribute deviates

    RESOURCE    aws_db_instance.ledger
                aws_db_instance, workspace payments, terraform/payments/data.tf:16:1
    TABLE       src/normalise/aws/db_instance.toml for AWS::RDS::DBInstance
      found by    identifier = configuration.dBInstanceIdentifier: `payments-ledger`
      or by       resource_id = resourceId: `db-192385B8F5E628486`
    ITEM        db-192385B8F5E628486 of 2026-11-04T06:00:12.481Z in
                live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json, account
                111122223333, eu-west-1: it is there
    NOTE        the table does not name /colour: it is not compared
    ");
    insta::assert_snapshot!(demo.attribute("aws_nothing.at_all", "/name"), @r"
    no plan has the address `aws_nothing.at_all`
      help: give it as Terraform writes it, in quotes where it has brackets: 'module.web.aws_instance.front[0]'
    ");
}

/// Every deviation of the demo can be explained, and what is explained is what was found.
/// One tag differs: who asks for it is told so, and who asks for another one that it is equal.
#[test]
fn a_tag_is_explained_for_itself() {
    let copy = Copy::of(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/cases/changed-tags"
    )));
    let config = copy.path().join("driftwarden.hcl");
    let asked = |attribute: &str| {
        let question = Question::Attribute {
            workspace: None,
            address: Address::from("aws_sns_topic.alerts"),
            attribute: AttributePath::from(attribute),
        };
        explained(&config, &question, Format::Text)
    };
    let outcome = |text: &str| {
        let (_, said) = text.rsplit_once("outcome").unwrap();
        let words: Vec<&str> = said.split_whitespace().collect();
        words.join(" ").split(" NOTE ").next().unwrap().to_owned()
    };
    assert_eq!(outcome(&asked("/tags_all")), "differs");
    assert_eq!(outcome(&asked("/tags_all/Owner")), "differs");
    let elsewhere = "equal at /tags_all/Purpose; it differs at /tags_all/Env, \
        /tags_all/Owner, /tags_all/Team";
    assert_eq!(outcome(&asked("/tags_all/Purpose")), elsewhere);
}

#[test]
fn every_finding_of_the_demo_is_explained() {
    let demo = scanned();
    let mut rows_shown = 0;
    for judged in &demo.outcome.assessment.deviations {
        let deviation = &judged.deviation;
        // What was authorised is the baseline after the scan.
        if matches!(
            judged.judgement.verdict,
            Verdict::Authorised | Verdict::Late
        ) {
            continue;
        }
        for asked in [
            deviation.id().to_string(),
            deviation.finding_key().to_string(),
        ] {
            let question = Question::Finding(asked.clone());
            let text = explained(&demo.config, &question, Format::Json);
            let told: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(told["schema"], "driftwarden.explain/1");
            assert_eq!(told["status"], "open: the inputs show it", "{asked}");
            let deviations = told["deviations"].as_array().unwrap();
            let ids = deviations.iter().map(|own| own["id"].as_str().unwrap());
            assert!(
                ids.into_iter().any(|id| id == deviation.id().as_str()),
                "{text}"
            );
            if deviation.kind != DeviationKind::Changed {
                continue;
            }
            let rows = told["explanation"]["rows"].as_array().unwrap();
            let differs = rows.iter().any(|row| row["outcome"] == "differs");
            assert!(differs, "{text}");
            rows_shown += 1;
        }
    }
    assert!(rows_shown > 5, "{rows_shown}");
}

/// Nothing was compared: the page says why, and not only that.
#[test]
fn what_was_not_seen_is_explained_with_its_reason() {
    for (case, words, said) in [
        (
            "part-not-recorded",
            [
                "aws_s3_bucket_versioning.ledger",
                "/versioning_configuration/0/status",
            ],
            "not seen: its parent was seen, but the item does not carry this part",
        ),
        (
            "account-not-observed",
            ["aws_sns_topic.far", "/display_name"],
            "not seen: no item of account `444455556666` was seen",
        ),
        (
            "state-not-comparable",
            ["aws_sns_topic.alerts", "/kms_master_key_id"],
            "not comparable: ",
        ),
    ] {
        let place = Place::scanned(case);
        let told = place.driftwarden(&["explain", words[0], words[1]]).stdout;
        let told = String::from_utf8(told).unwrap();
        assert_eq!(
            told.matches(&format!("NOTE        {said}")).count(),
            1,
            "{case}: {told}"
        );
    }
}

/// What a rule of its own admits is looked for among all of the group's, and explained so.
#[test]
fn a_rule_of_a_group_is_explained_as_it_is_compared() {
    let place = Place::scanned("rule-with-lists");
    let explain = |words: &[&str]| -> Value {
        let words = [
            &["explain", "aws_security_group_rule.https"],
            words,
            &["--format", "json"],
        ];
        serde_json::from_slice(&place.driftwarden(&words.concat()).stdout).unwrap()
    };
    let baseline = |told: &Value| told["explanation"]["rows"][0]["approved"][0].clone();
    let told = explain(&[]);
    assert_eq!(told["explanation"]["rows"][0]["outcome"], "differs");
    let side = baseline(&told);
    assert_eq!(side["differs_at"], serde_json::json!(["/cidr_blocks"]));
    let considered = side["considered"].as_array().unwrap().iter();
    let considered: Vec<_> = considered
        .map(|own| own["equivalence"].as_str().unwrap())
        .collect();
    assert_eq!(considered, ["rule-split", "ignore_changes"]);
    let told = explain(&["/from_port"]);
    assert_eq!(told["explanation"]["rows"][0]["outcome"], "equal");
    assert_eq!(baseline(&told)["outcome"], "equal");
}

#[test]
fn no_secret_is_shown() {
    let demo = scanned();
    let mut all = demo.attribute("aws_db_instance.ledger", "/password");
    for judged in &demo.outcome.assessment.deviations {
        let key = judged.deviation.finding_key().to_string();
        all += &demo.text(&key);
        all += &explained(&demo.config, &Question::Finding(key), Format::Json);
    }
    assert!(
        all.contains("of a secret"),
        "the demo has a secret that deviates"
    );
    for secret in [
        "partner-token-2f9c1e-old",
        "partner-token-8d41aa-new",
        "ledger-owner-Vq7-9xM2",
    ] {
        assert!(!all.contains(secret));
    }
}

#[test]
fn what_names_nothing_or_too_much_has_a_remedy() {
    let demo = scanned();
    insta::assert_snapshot!(demo.text("zz"), @r"
    no finding and no deviation begins with `zz`
      help: `driftwarden findings` lists the open ones, `driftwarden scan --format json` what the inputs show now; for an attribute in which nothing deviates, give its ADDRESS and its ATTRIBUTE
    ");
    let digits = demo.outcome.assessment.deviations.iter();
    let mut firsts: Vec<char> = digits
        .filter_map(|own| own.deviation.finding_key().as_str().chars().next())
        .collect();
    firsts.sort_unstable();
    let twice = firsts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0];
    let said = demo.text(&twice.to_string());
    assert!(
        said.contains("is the beginning of more than one finding: "),
        "{said}"
    );
    assert!(said.ends_with("help: give more of its digits"), "{said}");
}

#[test]
fn an_address_leads_to_its_findings_and_to_what_lies_within() {
    let demo = scanned();
    let mut of: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for judged in &demo.outcome.assessment.deviations {
        let Some(address) = &judged.deviation.address else {
            continue;
        };
        let key = judged.deviation.finding_key().to_string();
        of.entry(address.to_string()).or_default().push(key);
    }
    let mut alone = 0;
    for (address, keys) in &of {
        let said = demo.text(address);
        match keys.as_slice() {
            [key] if !said.contains(" findings:") => {
                assert_eq!(said, demo.text(key), "{address}");
                alone += 1;
            }
            keys => {
                let is_there =
                    |key: &String| key.get(..12).is_some_and(|short| said.contains(short));
                assert!(keys.iter().all(is_there), "{said}");
            }
        }
    }
    assert!(alone > 5, "{alone}");
    let place = Place::scanned("bucket-parts-by-hand");
    let explain = |address: &str| {
        let output = place.driftwarden(&["explain", address]);
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    let said = explain("aws_s3_bucket.ledger");
    assert!(
        said.contains("`aws_s3_bucket.ledger` has 7 findings:"),
        "{said}"
    );
    assert!(said.contains(" unmanaged aws_s3_bucket_acl"), "{said}");
    let said = explain("aws_s3_bucket.quiet");
    assert!(
        said.contains("nothing deviates in `aws_s3_bucket.quiet`"),
        "{said}"
    );
}

#[test]
fn what_a_whole_item_lacks_is_said_to_be_lacking() {
    let place = Place::scanned("bucket-parts-taken-away");
    let later = "fixtures/cases/bucket-parts-taken-away/then-2/live/snapshot.json";
    let later = Path::new(env!("CARGO_MANIFEST_DIR")).join(later);
    place.write("live/snapshot.json", std::fs::read(later).unwrap());
    place.scan();
    let address = "aws_s3_bucket_website_configuration.statements";
    let said = crate::scan::stdout(&place.driftwarden(&["explain", address]));
    let (_, item) = said.split_once("ITEM ").unwrap();
    insta::assert_snapshot!(item.trim(), @r"
    statements of 2026-11-02T10:00:00Z in live/snapshot.json, account 111122223333,
                eu-west-1: the item is whole, and this part is not in it
    ");
}

fn owned((head, rest): (&str, &str)) -> (String, String) {
    (head.to_owned(), rest.to_owned())
}

#[test]
fn a_finding_that_healed_is_said_to_be_healed() {
    let place = Place::scanned("changed-scalar");
    let scan: Value = serde_json::from_slice(&place.scan().stdout).unwrap();
    let deviation = &scan["deviations"][0];
    let (key, live) = (&deviation["finding"], &deviation["live"]);
    let (key, approved) = (key.as_str().unwrap(), &deviation["approved"]);
    let explain = || {
        let output = place.driftwarden(&["explain", key]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        crate::scan::stdout(&output)
    };
    assert!(explain().contains("open: the inputs show it"));
    let file = "live/snapshot.json";
    let text = place.read(file);
    let healed = text.replacen(&live.to_string(), &approved.to_string(), 1);
    assert_ne!(text, healed, "{live}");
    place.write(file, healed);
    let entries = place.entries();
    let (head, rest) = explain()
        .split_once("last recorded at ")
        .map(owned)
        .unwrap();
    let rest = format!(
        "{head}last recorded at TIME{}",
        rest.trim_start_matches(|c| c != '\n')
    );
    insta::assert_snapshot!(rest, @r#"
    FINDING     c785759846ec18c2183898d46d3b074d
                gone: nothing deviates there any more; the next scan resolves it if it sees the resource
                last recorded at TIME
    WAS         aws_sns_topic.alerts changed /display_name

    RESOURCE    aws_sns_topic.alerts
                aws_sns_topic, workspace payments
    TABLE       src/normalise/aws/sns_topic.toml for AWS::SNS::Topic
      found by    arn = ARN: `arn:aws:sns:eu-west-1:111122223333:alerts`
      or by       arn = resourceId: `arn:aws:sns:eu-west-1:111122223333:alerts`
    ITEM        arn:aws:sns:eu-west-1:111122223333:alerts of 2026-11-02T09:00:00Z in live/snapshot.json,
                account 111122223333, eu-west-1: it is there

    ROW         /display_name
      live path   configuration.DisplayName
      form        scalar
                  the schema as driftwarden ships it declares it a single value
                  an item without the path says that nothing is set
      live        configuration.DisplayName of arn:aws:sns:eu-west-1:111122223333:alerts in
                  live/snapshot.json
        raw         "Payments alerts"
        canonical   "Payments alerts"
      baseline    plan.json (digest 1bdb8648d4b0)
        raw         "Payments alerts"
        canonical   "Payments alerts"
        considered  unset did not hold: at least one side sets something
        considered  same held: both are written alike
        so          equal
      outcome     equal
    "#);
    assert_eq!(place.entries(), entries, "explaining records nothing");
    place.scan();
    let said = explain();
    assert!(
        said.contains("resolved: nothing deviates there any more"),
        "{said}"
    );
}
