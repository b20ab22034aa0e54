//! A finding in the AWS Security Finding Format, for `BatchImportFindings`.

use serde_json::{Map, Value as Json, json};

use super::limit::{cut, cut_bytes, fit};
use super::parts::Parts;
use super::{Words, plain_key};
use crate::model::{Page, PageStep, PageSubject, PagedFinding, Severity};
use crate::report::escape::escape;

/// 240 KB are documented for one finding.
const MOST_BYTES: usize = 200_000;

/// The account and Region whose Security Hub takes the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// Twelve digits; the credentials must be this account's.
    pub account: String,
    pub region: String,
}

/// One finding. Its `Id` is the same for all messages of an alert, so that later ones replace it.
pub fn finding(page: &Page, hub: &Hub) -> Json {
    let form = |parts: &Parts| form(page, hub, parts);
    fit(page, &Words::default(), form, |made| {
        made.to_string().len() <= MOST_BYTES
    })
}

fn form(page: &Page, hub: &Hub, parts: &Parts) -> Json {
    let partition = partition(&hub.region);
    let (region, account) = (&hub.region, &hub.account);
    let label = severity(page);
    let types = ["Software and Configuration Checks"];
    let is_over = matches!(
        page.step,
        PageStep::Resolve | PageStep::Note | PageStep::Test
    );
    let mut finding = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("driftwarden/{}", plain_key(&page.key, 255)),
        "ProductArn":
            format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": generator(page),
        "AwsAccountId": account,
        "Types": types,
        "CreatedAt": created(page),
        "UpdatedAt": page.at,
        // `BatchImportFindings` takes later changes of these two from the second form alone.
        "Severity": { "Label": label },
        "FindingProviderFields": { "Severity": { "Label": label }, "Types": types },
        "Title": cut(&parts.headline, 256),
        "Description": cut_bytes(&description(parts), 1_024),
        "ProductFields": fields(page, parts),
        "Resources": resources(page, partition),
        "Compliance": { "Status": if is_over { "PASSED" } else { "FAILED" } },
        "RecordState": if is_over { "ARCHIVED" } else { "ACTIVE" },
    });
    if let (Some(remediation), Some(finding)) = (remediation(page, parts), finding.as_object_mut())
    {
        finding.insert("Remediation".to_owned(), remediation);
    }
    if let (Some(url), Some(finding)) = (&parts.evidence, finding.as_object_mut()) {
        finding.insert("SourceUrl".to_owned(), json!(url));
    }
    finding
}

pub(super) fn partition(region: &str) -> &'static str {
    match region {
        china if china.starts_with("cn-") => "aws-cn",
        government if government.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn severity(page: &Page) -> &'static str {
    match page.severity {
        _ if matches!(page.step, PageStep::Note | PageStep::Test) => "INFORMATIONAL",
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Info => "INFORMATIONAL",
    }
}

fn generator(page: &Page) -> String {
    let rule = one(page).and_then(|one| one.rule.as_ref());
    match rule {
        Some(rule) => cut(&escape(&format!("driftwarden/{rule}")), 512),
        None => "driftwarden".to_owned(),
    }
}

fn one(page: &Page) -> Option<&PagedFinding> {
    match &page.subject {
        PageSubject::Finding(one) => Some(one),
        PageSubject::Group(_) | PageSubject::Detector { .. } | PageSubject::Plain { .. } => None,
    }
}

fn created(page: &Page) -> jiff::Timestamp {
    let open_for = one(page).and_then(|one| one.open_for);
    let created = open_for.and_then(|time| page.at.checked_sub(time).ok());
    created.unwrap_or(page.at).min(page.at)
}

fn description(parts: &Parts) -> String {
    let facts = parts.facts.iter();
    let mut lines: Vec<String> = facts
        .map(|fact| format!("{}: {}", fact.label, fact.text))
        .collect();
    lines.extend(parts.members.iter().cloned());
    match lines.is_empty() {
        true => parts.headline.clone(),
        false => lines.join("\n"),
    }
}

/// At most 50 of them, of 128 and 2,048 characters.
fn fields(page: &Page, parts: &Parts) -> Json {
    let mut fields = Map::new();
    let mut put = |name: &str, text: &str| {
        if !text.is_empty() {
            fields.insert(format!("driftwarden/{name}"), json!(cut_bytes(text, 2_048)));
        }
    };
    for fact in &parts.facts {
        put(&fact.label.replace(' ', "_"), &fact.text);
    }
    put("Approved_against_live", &parts.difference.join("\n"));
    put("Step", page.step.as_str());
    put("Message", &super::message_id(page));
    put("Evidence", &parts.record);
    Json::Object(fields)
}

fn resources(page: &Page, partition: &str) -> Json {
    let Some(one) = one(page) else {
        let id = cut(&escape(&page.evidence.origin), 512);
        return json!([{ "Type": "Other", "Id": id, "Partition": partition }]);
    };
    let id = one.provider_id.as_ref().map(|id| id.as_str());
    let id = id.or_else(|| one.address.as_ref().map(|id| id.as_str()));
    let id = cut(&escape(id.unwrap_or(one.type_name.as_str())), 512);
    let mut details = Map::new();
    let mut put = |name: &str, text: Option<&str>| {
        if let Some(text) = text {
            details.insert(name.to_owned(), json!(cut(&escape(text), 1_024)));
        }
    };
    put("Workspace", one.workspace.as_ref().map(|id| id.as_str()));
    put("Address", one.address.as_ref().map(|id| id.as_str()));
    put("Account", one.account.as_ref().map(|id| id.as_str()));
    put("Attribute", one.attribute.as_ref().map(|id| id.as_str()));
    put("TerraformType", Some(one.type_name.as_str()));
    let mut resource = json!({
        "Type": resource_type(one.type_name.as_str()),
        "Id": id,
        "Partition": partition,
        "Details": { "Other": details },
    });
    let region = one
        .region
        .as_ref()
        .filter(|region| region.as_str() != "global");
    if let (Some(region), Some(resource)) = (region, resource.as_object_mut()) {
        resource.insert(
            "Region".to_owned(),
            json!(cut(&escape(region.as_str()), 16)),
        );
    }
    json!([resource])
}

/// The format's own name of the types that are met most.
fn resource_type(type_name: &str) -> &'static str {
    match type_name {
        "aws_security_group" | "aws_default_security_group" => "AwsEc2SecurityGroup",
        "aws_s3_bucket" => "AwsS3Bucket",
        "aws_iam_role" => "AwsIamRole",
        "aws_iam_user" => "AwsIamUser",
        "aws_iam_policy" => "AwsIamPolicy",
        "aws_instance" => "AwsEc2Instance",
        "aws_db_instance" => "AwsRdsDbInstance",
        "aws_kms_key" => "AwsKmsKey",
        "aws_lambda_function" => "AwsLambdaFunction",
        "aws_cloudtrail" => "AwsCloudTrailTrail",
        "aws_vpc" => "AwsEc2Vpc",
        "aws_sns_topic" => "AwsSnsTopic",
        "aws_sqs_queue" => "AwsSqsQueue",
        _ => "Other",
    }
}

fn remediation(page: &Page, parts: &Parts) -> Option<Json> {
    let mut recommendation = Map::new();
    if !page.next.is_empty() {
        recommendation.insert("Text".to_owned(), json!(cut(&escape(&page.next), 512)));
    }
    if let Some(url) = &parts.runbook {
        recommendation.insert("Url".to_owned(), json!(url));
    }
    (!recommendation.is_empty()).then(|| json!({ "Recommendation": recommendation }))
}
