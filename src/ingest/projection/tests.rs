use super::*;
use crate::ingest::plan;
use crate::ingest::test_support::{catalogue, redactor};

const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.11.4","timestamp":"2026-11-01T20:00:00Z","resource_changes":[
  {"address":"other.z","mode":"managed","type":"other","change":{"actions":["no-op"],"after":{"x":"s3cr3t"}}},
  {"address":"aws_db_instance.d","mode":"managed","type":"aws_db_instance","change":{"actions":["update"],
     "before":{"username":"s3cr3t","port":5432},"after":{"username":"s3cr3t","port":5433.0,"engine":"\u0041"},
     "after_unknown":{"arn":true,"kms_key_id":true},"after_sensitive":{"username":true,"kms_key_id":true}}},
  {"address":"aws_sqs_queue.a","previous_address":"aws_sqs_queue.b","mode":"managed","type":"aws_sqs_queue",
     "change":{"actions":["delete"],"before":{"delay_seconds":5},"after":null}}]}"#;

#[test]
fn shows_what_is_planned_and_no_secret() {
    let catalogue = catalogue();
    let (plan, _) = plan::read(PLAN.as_bytes(), &catalogue, &redactor()).unwrap();
    let lines = lines(Sha256Digest([0xab; 32]), &plan, &catalogue);
    let text = lines.collect::<Vec<_>>().join("\n");
    assert!(!text.contains("s3cr3t"));
    insta::assert_snapshot!(text, @r#"
    {"schema":"driftwarden.plan-projection/1","plan_sha256":"abababababababababababababababababababababababababababababababab","format_version":"1.2","terraform_version":"1.11.4","timestamp":"2026-11-01T20:00:00Z","resources":3}
    {"address":"aws_db_instance.d","type":"aws_db_instance","action":"update","mapped":true,"after":{"/arn":{"unknown":true},"/engine":"A","/kms_key_id":{"unknown":true,"sensitive":true},"/port":5433,"/username":{"sensitive":true}},"before":{"/port":5432,"/username":{"sensitive":true}}}
    {"address":"aws_sqs_queue.a","previous_address":"aws_sqs_queue.b","type":"aws_sqs_queue","action":"delete","mapped":true,"after":{},"before":{"/delay_seconds":5}}
    {"address":"other.z","type":"other","action":"no-op","mapped":false,"after":{}}
    "#);
}

#[test]
fn does_not_depend_on_the_order_of_the_file() {
    let catalogue = catalogue();
    let (mut plan, _) = plan::read(PLAN.as_bytes(), &catalogue, &redactor()).unwrap();
    let digest = Sha256Digest([0; 32]);
    let before: Vec<String> = lines(digest, &plan, &catalogue).collect();
    plan.resources.reverse();
    let after: Vec<String> = lines(digest, &plan, &catalogue).collect();
    assert_eq!(before, after);
}
