//! SARIF against the schema of SARIF 2.1.0.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use driftwarden::model::{
    Action, ApprovalStatus, Assessment, Deviation, DeviationKind, GapReason, Severity,
    SourceLocation, Verdict,
};
use jsonschema::Validator;
use serde_json::{Value as Json, json};

use super::estate::{
    as_sarif, assessment, changed, deviation, gap, judged, report, ssh_open, status,
};

/// The schema as the crate `serde-sarif` carries it; cargo knows where that lies.
static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the program starts");
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {problem}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let host = run("rustc", &["--print", "host-tuple"]);
    // Else cargo would ask for packages that only other platforms and features need.
    let mut metadata = vec!["metadata", "--format-version", "1", "--no-default-features"];
    metadata.extend(["--frozen", "--filter-platform", host.trim()]);
    let metadata: Json = serde_json::from_str(&run(env!("CARGO"), &metadata)).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif");
    let manifest = package.expect("serde-sarif is a dev-dependency")["manifest_path"].as_str();
    let path = PathBuf::from(manifest.expect("a path")).with_file_name("src/schema.json");
    let schema = std::fs::read_to_string(&path).expect("the schema can be read");
    // Its pattern of a language has a stray bracket, which a strict engine refuses.
    let schema = schema.replace("{2}]?$", "{2}$");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema")
});

pub fn assert_valid(sarif: &Json) {
    let errors: Vec<String> = SCHEMA
        .iter_errors(sarif)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn sarif(assessment: &Assessment, warnings: &[String]) -> Json {
    let text = as_sarif(&report(assessment, warnings));
    let sarif = serde_json::from_str(&text).expect("JSON");
    assert_valid(&sarif);
    sarif
}

#[test]
fn the_schema_is_able_to_refuse() {
    assert!(!SCHEMA.is_valid(&json!({ "version": "2.1.0" })));
    let level = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "x" } },
        "results": [{ "message": { "text": "x" }, "level": "critical" }] }] });
    assert!(!SCHEMA.is_valid(&level));
}

#[test]
fn a_clean_scan_is_valid() {
    let log = sarif(&assessment(Vec::new()), &[]);
    let run = &log["runs"][0];
    assert_eq!(run["results"], json!([]));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"],
        json!([])
    );
    assert_eq!(run["tool"]["driver"]["name"], "driftwarden");
}

#[test]
fn a_result_points_at_the_terraform_source() {
    let log = sarif(&assessment(vec![ssh_open()]), &[]);
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "sg-open-to-world");
    assert_eq!(result["level"], "error");
    assert_eq!(
        result["message"]["text"],
        "module.web.aws_security_group.front[0] changed at /ingress: unauthorised; no change \
         record covers /ingress\n+ cidr_blocks = [\"0.0.0.0/0\"], from_port = 22, to_port = 22"
    );
    assert_eq!(
        result["locations"],
        json!([{
            "physicalLocation": {
                "artifactLocation":
                    { "uri": "modules/web/main.tf", "uriBaseId": "%SRCROOT%", "index": 0 },
                "region": { "startLine": 12, "startColumn": 1 } },
            "logicalLocations": [{
                "name": "module.web.aws_security_group.front[0]",
                "fullyQualifiedName": "payments/module.web.aws_security_group.front[0]",
                "kind": "resource" }] }])
    );
    let key = ssh_open().deviation.finding_key();
    assert_eq!(
        result["partialFingerprints"],
        json!({ "driftwardenFinding/v1": key })
    );
    assert_eq!(result["properties"]["verdict"], "unauthorised");
    assert_eq!(result["properties"]["action"], "remediate");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["helpUri"], "https://runbooks.bank.example/sg-open");
    let controls = json!(["PCI-DSS 1.2.1", "NIST 800-53 CM-6"]);
    assert_eq!(rule["properties"]["controls"], controls);
    assert_eq!(
        run["artifacts"][0]["location"]["uri"],
        "modules/web/main.tf"
    );
}

#[test]
fn rules_are_listed_once_and_found_by_their_index() {
    let other = || {
        let deviation = changed("aws_instance.app", "/monitoring", "true", "false");
        judged(
            deviation,
            Severity::Medium,
            Verdict::Unauthorised,
            "by hand",
        )
    };
    let mut wiki = other();
    wiki.ruling.rule = Some("zz".into());
    wiki.ruling.duties.runbook = Some("see the wiki".to_owned());
    let log = sarif(&assessment(vec![ssh_open(), other(), other(), wiki]), &[]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), 3);
    assert!(rules[2].get("helpUri").is_none());
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(log["runs"][0]["results"][1]["ruleId"], "no-rule");
    assert_eq!(log["runs"][0]["results"][1]["level"], "warning");
}

#[test]
fn what_is_ignored_is_suppressed_and_says_why() {
    let mut ignored = ssh_open();
    ignored.ruling.action = Action::Ignore;
    let log = sarif(&assessment(vec![ignored, ssh_open()]), &[]);
    let results = &log["runs"][0]["results"];
    assert_eq!(
        results[0]["suppressions"],
        json!([{ "kind": "external", "status": "accepted",
                 "justification": "rule sg-open-to-world says ignore" }])
    );
    assert!(results[1].get("suppressions").is_none());
}

#[test]
fn gaps_warnings_and_missing_approvals_are_notifications() {
    let mut assessment = assessment(Vec::new());
    assessment.baselines = vec![status("ledger", ApprovalStatus::Assumed)];
    for number in 0..30 {
        let address = format!("aws_x.a[{number}]");
        let kind = Some("aws_x");
        assessment
            .gaps
            .push(gap(kind, Some(&address), GapReason::TypeNotMapped));
    }
    let log = sarif(&assessment, &["a plan is old".to_owned()]);
    let run = &log["runs"][0];
    let texts: Vec<&Json> = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notification| &notification["message"]["text"])
        .collect();
    assert_eq!(
        texts,
        [
            "workspace ledger: approval is assumed",
            "30 gaps of aws_x: aws_x.a[0]; aws_x.a[1]; aws_x.a[2]; aws_x.a[3]; aws_x.a[4]; …",
            "a plan is old"
        ]
    );
    assert_eq!(
        run["tool"]["driver"]["notifications"][0]["id"],
        "type_not_mapped"
    );
}

#[test]
fn odd_names_and_places_stay_valid() {
    let mut odd = ssh_open();
    odd.deviation.source = Some(SourceLocation {
        file: "my files/größe #1.tf".to_owned(),
        line: 0,
        column: 0,
    });
    odd.deviation.address = Some("a[\"{0}\"](https://evil.example)\n+ \x1b[2J".into());
    let plan = Deviation {
        address: None,
        provider_id: None,
        ..deviation(DeviationKind::PlanTampered, "plan", None)
    };
    let plan = judged(plan, Severity::Info, Verdict::Indeterminate, "no digest");
    let log = sarif(&assessment(vec![odd, plan]), &[]);
    let results = &log["runs"][0]["results"];
    let text = results[0]["message"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("a[\"{{0}}\"] (https://evil.example) + \\u{{1b}}[2J"),
        "{text}"
    );
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "my%20files/gr%C3%B6%C3%9Fe%20%231.tf"
    );
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(results[1]["level"], "note");
}
