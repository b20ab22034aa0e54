use std::collections::BTreeSet;

use super::*;
use crate::decide::baseline::Approved;
use crate::model::{Actor, Means};
use crate::normalise::Catalogue;

fn activity(call: &str, subjects: &[&str]) -> Activity {
    Activity {
        event_id: "e-1".to_owned(),
        at: "2026-11-28T09:14:00Z".parse().unwrap(),
        call: call.to_owned(),
        actor: Actor {
            identity: "arn:aws:iam::111122223333:user/maria".to_owned(),
            aliases: Vec::new(),
            means: Means::Key,
            source_ip: None,
            source_host: None,
            user_agent: None,
        },
        account: Some(AccountId::from("111122223333")),
        region: Some(Region::from("eu-west-1")),
        subjects: subjects.iter().map(|own| (*own).to_owned()).collect(),
        succeeded: true,
    }
}

fn marked(call: &str, subjects: &[&str]) -> Vec<String> {
    let (catalogue, approved) = (Catalogue::builtin().unwrap(), Approved::default());
    let parts = ApprovedParts {
        index: &PartIndex::new(&catalogue, &approved),
        catalogue: &catalogue,
        approved: &approved,
    };
    let marks = marks(&activity(call, subjects), parts);
    let words = marks.iter().map(|mark| {
        let names: Vec<&str> = mark.names.iter().map(|name| &**name).collect();
        format!("{} {}", mark.config_type, names.join(" "))
    });
    words.collect()
}

#[test]
fn every_line_of_the_table_means_something() {
    assert_eq!(TABLE.misread, Vec::<&str>::new());
    for own in TABLE.types() {
        assert_eq!(own.split("::").count(), 3, "{own}");
    }
}

#[test]
fn every_mapped_type_is_marked_by_some_call_or_form() {
    let catalogue = Catalogue::builtin().unwrap();
    let known: BTreeSet<&str> = TABLE.types().collect();
    let reviewed = catalogue.configs().filter(|config| {
        let own = config.resources.iter();
        let mut own = own.filter_map(|at| catalogue.resource(*at));
        own.any(|own| own.table.tier != crate::normalise::table::Tier::Generic)
    });
    let unknown: Vec<&str> = reviewed
        .map(|config| &*config.config_type)
        .filter(|own| !known.contains(own))
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn a_call_marks_what_it_acts_on_and_not_what_it_mentions() {
    for (call, subjects, expected) in [
        (
            "ec2:AuthorizeSecurityGroupIngress",
            vec!["sg-0abcdef1", "vpc-0abcdef1"],
            vec!["AWS::EC2::SecurityGroup sg-0abcdef1"],
        ),
        (
            "lambda:UpdateFunctionConfiguration20150331v2",
            vec!["pay", "arn:aws:iam::111122223333:role/pay"],
            vec!["AWS::Lambda::Function pay"],
        ),
        (
            "iam:AttachRolePolicy",
            vec!["deploy", "arn:aws:iam::aws:policy/AdministratorAccess"],
            vec!["AWS::IAM::Role deploy"],
        ),
        (
            "sns:SetTopicAttributes",
            vec!["arn:aws:sns:eu-west-1:111122223333:alarms"],
            vec!["AWS::SNS::Topic alarms arn:aws:sns:eu-west-1:111122223333:alarms"],
        ),
        (
            "sqs:SetQueueAttributes",
            vec!["https://sqs.eu-west-1.amazonaws.com/111122223333/captures"],
            vec![
                "AWS::SQS::Queue arn:aws:sqs:eu-west-1:111122223333:captures \
                 https://sqs.eu-west-1.amazonaws.com/111122223333/captures",
            ],
        ),
        (
            "ec2:DeleteTransitGatewayRouteTable",
            vec!["tgw-rtb-0abcdef1"],
            vec!["AWS::EC2::TransitGatewayRouteTable tgw-rtb-0abcdef1"],
        ),
        (
            "ec2:AssociateTransitGatewayRouteTable",
            vec!["tgw-rtb-0abcdef1", "tgw-attach-0abcdef1"],
            vec![],
        ),
        (
            "route53resolver:UpdateResolverRule",
            vec!["rslvr-rr-0abcdef1", "rslvr-out-0abcdef1"],
            vec!["AWS::Route53Resolver::ResolverRule rslvr-rr-0abcdef1"],
        ),
        (
            "route53resolver:DisassociateResolverRule",
            vec!["rslvr-rr-0abcdef1", "vpc-0abcdef1"],
            vec![],
        ),
        (
            "s3:PutBucketVersioning",
            vec!["ledger"],
            vec!["AWS::S3::Bucket ledger"],
        ),
        (
            "s3:PutAccountPublicAccessBlock",
            vec![],
            vec!["AWS::S3::AccountPublicAccessBlock 111122223333"],
        ),
        (
            "signin:ConsoleLogin",
            vec!["arn:aws:iam::111122223333:user/a"],
            vec![],
        ),
        (
            "unheard:DoThings",
            vec!["arn:aws:iam::111122223333:user/a", "x"],
            vec![],
        ),
        (
            "ec2:CreateTags",
            vec!["vpc-0abcdef1"],
            vec!["AWS::EC2::VPC vpc-0abcdef1"],
        ),
        (
            "sns:TagResource",
            vec!["arn:aws:sns:eu-west-1:999988887777:t"],
            vec![],
        ),
    ] {
        assert_eq!(marked(call, &subjects), expected, "{call}");
    }
}

#[test]
fn a_failed_call_marks_nothing() {
    let (catalogue, approved) = (Catalogue::builtin().unwrap(), Approved::default());
    let parts = ApprovedParts {
        index: &PartIndex::default(),
        catalogue: &catalogue,
        approved: &approved,
    };
    let mut failed = activity("s3:PutBucketVersioning", &["ledger"]);
    failed.succeeded = false;
    assert_eq!(marks(&failed, parts), Vec::new());
    assert_eq!(silence(&failed), None);
}

#[test]
fn what_blinds_the_detector_is_known_by_its_call() {
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit";
    let place = "111122223333 eu-west-1";
    for (call, subjects, expected) in [
        (
            "cloudtrail:StopLogging",
            vec!["audit"],
            Some((Effect::Stopped, " audit")),
        ),
        (
            "cloudtrail:DeleteTrail",
            vec![arn],
            Some((Effect::Deleted, " audit")),
        ),
        (
            "cloudtrail:StartLogging",
            vec![arn],
            Some((Effect::Began, " audit")),
        ),
        (
            "cloudtrail:UpdateTrail",
            vec![arn],
            Some((Effect::Changed, " audit settings")),
        ),
        (
            "config:StopConfigurationRecorder",
            vec!["default"],
            Some((Effect::Stopped, "")),
        ),
        (
            "config:StartConfigurationRecorder",
            vec![],
            Some((Effect::Began, "")),
        ),
        ("cloudtrail:AddTags", vec![arn], None),
    ] {
        let found = silence(&activity(call, &subjects));
        let found = found.map(|own| (own.effect, own.subject));
        let expected = expected.map(|(effect, rest)| (effect, format!("{place}{rest}")));
        assert_eq!(found, expected, "{call}");
    }
}
