//! The blocks that say what may be fixed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use driftwarden::config;
use driftwarden::model::FixMode;

const PROVIDERS: &str =
    "evidence { dir = \"e\" }\nproviders \"shop\" {\n  lock = \"l\"\n  from = [\"m\"]\n}";

/// A remediation of AWS Config.
const DOCUMENT: &str = "config_remediation \"policies\" {\n  rule = \"r\"\n  document = \"AWS-X\"\n  \
    version = \"7\"\n  parameters = [\"B={resource_id}\"]\n  \
    sets = [\"aws_s3_bucket_policy/policy\"]\n  accounts = [\"111122223333\"]\n  \
    regions = [\"eu-west-1\"]\n}";

/// Why a configuration that can be read cannot be gone by.
fn refused(text: &str) -> String {
    let config = config::parse("d.hcl", text).unwrap();
    let said = driftwarden::cli::wire::check_fixing(&config).unwrap_err();
    said.to_string()
}

fn told(block: &str) -> String {
    let text = format!("evidence {{ dir = \"e\" }}\n{block}");
    config::parse("d.hcl", &text).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_gone_by_is_refused_with_its_place() {
    for (block, said) in [
        (
            "remediation { mode = \"on\" }",
            "d.hcl:2:22: unknown mode `on`",
        ),
        (
            "remediation { estate_per_hour = 0 }",
            "`0` is no whole number from 1 to 1000",
        ),
        (
            "remediation { rule_share = \"101%\" }",
            "`101%` is no share between `0%` and `100%`",
        ),
        (
            "remediation { allow = [\"aws_*_x\"] }",
            "`aws_*_x` is no type, nor the beginning of one",
        ),
        (
            "remediation { deny_attributes = [\"aws_eip\"] }",
            "`aws_eip` names no attribute of a type",
        ),
        (
            "remediation { deny_attributes = [\"aws_*/domain\"] }",
            "`aws_*/domain` names no attribute of a type",
        ),
        (
            "remediation { pause = \"0s\" }",
            "`pause` is `0s`, which is too short",
        ),
        (
            "remediation {\n  freeze \"x\" {\n    from = \"2026-12-18T18:00:00Z\"\n    \
             until = \"2026-12-18T18:00:00Z\"\n  }\n}",
            "the freeze is over before it begins",
        ),
        (
            "remediation {\n  freeze \"x\" {\n    from = \"soon\"\n    until = \"later\"\n  }\n}",
            "`soon` is no time",
        ),
        ("freeze \"x\" {}", "unknown block `freeze`"),
        ("handover {}", "`handover` lacks the attribute `dir`"),
        (
            "providers \"shop\" { from = [\"mirror\"] }",
            "`providers` lacks the attribute `lock`",
        ),
        (
            "providers \"shop\" {\n  lock = \"l\"\n  from = []\n}",
            "`from` is an empty list",
        ),
        (
            "config_remediation \"x\" { rule = \"r\" }",
            "`config_remediation` lacks the attribute `document`",
        ),
        (
            &DOCUMENT.replace("\"7\"", "\"$DEFAULT\""),
            "`$DEFAULT` is no version that stays what it is",
        ),
        (
            &DOCUMENT.replace("B={resource_id}", "B=bank-ledger"),
            "no parameter of the document is the resource",
        ),
        (
            &DOCUMENT.replace("B={resource_id}", "B={resource_id}-logs"),
            "`{resource_id}-logs` names something that nothing is known of",
        ),
        (
            &DOCUMENT.replace("B={resource_id}", "={resource_id}"),
            "`={resource_id}` is no parameter with its value",
        ),
        (
            &DOCUMENT.replace("aws_s3_bucket_policy/policy", "aws_s3_*/policy"),
            "`aws_s3_*/policy` names no attribute of a type",
        ),
        (
            &DOCUMENT.replace("\"111122223333\"", "\"1111\""),
            "`1111` is no AWS account",
        ),
        (
            &DOCUMENT.replace("\"111122223333\"", "\"111122223333\", \"444455556666\""),
            "several accounts need a `role` to assume in each",
        ),
        (
            &DOCUMENT.replace("document", "wait = \"11m\"\n  document"),
            "`wait` is `11m`, which is too long",
        ),
        (
            &DOCUMENT.replace("document", "external_id = \"x\"\n  document"),
            "`external_id` has no effect without `role`",
        ),
        (
            "providers \"*\" {\n  lock = \"l\"\n  from = [\"m\"]\n}",
            "the name `*` of a `providers` holds a `*`",
        ),
        (
            "providers \"a\" {\n  lock = \"l\"\n  from = [\"m\"]\n}\n\
             providers \"a\" {\n  lock = \"l\"\n  from = [\"m\"]\n}",
            "`providers` has the name `a` twice",
        ),
        (
            "providers \"a\" {\n  lock = \"l\"\n  from = [\"m\"]\n  sweep_every = \"31d\"\n}",
            "`sweep_every` is `31d`, which is too long",
        ),
        (
            "providers \"a\" {\n  lock = \"l\"\n  from = [\"m\"]\n  sweep_per_minute = 0\n}",
            "write a whole number from 1 to 1000",
        ),
        (
            "handover {\n  dir = \"h\"\n  within = \"91d\"\n}",
            "`within` is `91d`, which is too long",
        ),
        (
            "handover { dir = \"e/handover\" }",
            "the handover folder `e/handover` lies inside the evidence folder",
        ),
    ] {
        let told = told(block);
        assert!(told.contains(said), "{block}: {told}");
    }
}

#[test]
fn documented_defaults_of_fixes_are_the_ones_that_hold() {
    let text = "evidence { dir = \"e\" }\nhandover { dir = \"h\" }";
    let written = "evidence { dir = \"e\" }\nremediation {\n  mode = \"dry_run\"\n  \
        rule_per_hour = 5\n  rule_share = \"5%\"\n  workspace_per_hour = 10\n  \
        workspace_share = \"10%\"\n  estate_per_hour = 20\n  estate_share = \"5%\"\n  \
        failures = 3\n  pause = \"1h\"\n}\nhandover {\n  dir = \"h\"\n  within = \"24h\"\n}";
    let one = config::parse("d.hcl", text).unwrap();
    assert_eq!(one, config::parse("d.hcl", written).unwrap());
    assert_eq!(one.remediation.mode, FixMode::DryRun);
    assert_eq!(one.remediation.allow, None);
}

#[cfg(not(feature = "aws"))]
#[test]
fn remediations_that_are_not_built_in_are_refused() {
    let said = refused(&format!("evidence {{ dir = \"e\" }}\n{DOCUMENT}"));
    assert!(
        said.starts_with("d.hcl:2:1: `config_remediation` needs a driftwarden that was built with"),
        "{said}"
    );
}

#[cfg(feature = "aws")]
#[test]
fn a_remediation_of_what_is_on_no_reviewed_list_is_refused() {
    let text = format!("evidence {{ dir = \"e\" }}\n{DOCUMENT}");
    let config = config::parse("d.hcl", &text).unwrap();
    driftwarden::cli::wire::check_fixing(&config).unwrap();
    let own = &config.config_remediations[0];
    assert_eq!(own.wait.as_secs(), 30);
    assert_eq!(
        (own.sets[0].value.as_deref(), own.workspaces.len()),
        (None, 0)
    );
    for other in [
        "aws_s3_bucket/acl",
        "aws_s3_bucket_policy/bucket",
        "aws_instance/user_data=x",
    ] {
        let said = refused(&text.replace("aws_s3_bucket_policy/policy", other));
        let other = other.trim_end_matches("=x");
        let words =
            format!("d.hcl:2:1: `{other}` is not on the list of changes that do not disrupt");
        assert!(said.starts_with(&words), "{said}");
    }
}

#[cfg(not(feature = "providers"))]
#[test]
fn providers_that_are_not_built_in_are_refused() {
    let said = refused(PROVIDERS);
    assert!(
        said.starts_with("d.hcl:2:1: `providers` needs a driftwarden that was built with"),
        "{said}"
    );
}

#[cfg(feature = "providers")]
#[test]
fn providers_of_a_workspace_that_is_not_there_are_refused() {
    let said = refused(PROVIDERS);
    assert!(
        said.starts_with("d.hcl:2:1: no baseline has the workspace `shop`"),
        "{said}"
    );
    let baseline = "baseline \"shop\" { plan = \"p.json\" }\n";
    let said = refused(&format!("{baseline}{PROVIDERS}"));
    assert!(said.starts_with("there is no lock file"), "{said}");
}
