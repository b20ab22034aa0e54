//! From trail files to "who did it". Trail files that others published are each read or refused
//! with a clear message.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::decide::attribute::{ActivityIndex, Allowed};
use driftwarden::decide::baseline::Approved;
use driftwarden::decide::marks::{ApprovedParts, PartIndex, marks};
use driftwarden::ingest::cloudtrail;
use driftwarden::model::{
    Activity, Attribution, Confidence, Deviation, DeviationKind, Fidelity, Means, Value,
};

use driftwarden::normalise::Catalogue;

use crate::sources::shared;

/// What reading one folder of files gave.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    files: usize,
    refused: usize,
    problems: usize,
    activities: usize,
}

fn read_folder(folder: &Path) -> (Tally, Vec<Activity>) {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut tally = Tally {
        files: files.len(),
        ..Tally::default()
    };
    let mut activities = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        match cloudtrail::parse(name, &fs::read(&file).unwrap()) {
            Ok((read, problems)) => {
                tally.problems += problems.len();
                assert!(
                    problems
                        .iter()
                        .all(|problem| problem.to_string().contains(name))
                );
                activities.extend(read);
            }
            Err(error) => {
                assert!(error.to_string().contains(name) && !error.help().is_empty());
                tally.refused += 1;
            }
        }
    }
    tally.activities = activities.len();
    (tally, activities)
}

fn deviation(kind: DeviationKind, type_name: &str, id: &str, attribute: Option<&str>) -> Deviation {
    Deviation {
        kind,
        workspace: None,
        address: None,
        type_name: type_name.into(),
        provider_id: Some(id.into()),
        account: None,
        region: None,
        attribute: attribute.map(Into::into),
        approved: Value::Null,
        live: Value::Null,
        fidelity: Fidelity::Mapped,
        observed_at: None,
        tags: BTreeMap::new(),
        subjects: Vec::new(),
        source: None,
        within: None,
        pending: Vec::new(),
        earlier: Vec::new(),
        notes: Vec::new(),
    }
}

fn attribute(activities: &[Activity], deviation: &Deviation) -> Option<Attribution> {
    ActivityIndex::new(activities.to_vec(), &Allowed::default(), None).attribute(deviation)
}

#[test]
fn every_published_trail_file_is_read_or_refused() {
    let Some(corpus) = shared("corpus/cloudtrail") else {
        return;
    };
    let tally = |folder: &str| read_folder(&corpus.join(folder)).0;
    let tallies: BTreeMap<&str, Tally> = [
        "cloud-custodian-eventbridge",
        "cloudtrail-rs-envelopes",
        "invictus-aws_dataset",
        "panther-rule-tests",
        "stratus-red-team",
    ]
    .map(|folder| (folder, tally(folder)))
    .into();
    let table: Vec<String> = tallies
        .iter()
        .map(|(name, tally)| format!("{name}: {tally:?}"))
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    cloud-custodian-eventbridge: Tally { files: 37, refused: 2, problems: 12, activities: 23 }
    cloudtrail-rs-envelopes: Tally { files: 14, refused: 6, problems: 8, activities: 0 }
    invictus-aws_dataset: Tally { files: 31, refused: 0, problems: 0, activities: 291 }
    panther-rule-tests: Tally { files: 65, refused: 0, problems: 66, activities: 107 }
    stratus-red-team: Tally { files: 35, refused: 0, problems: 0, activities: 49 }
    ");
}

#[test]
fn recorded_attacks_are_attributed_to_whoever_made_them() {
    let Some(corpus) = shared("corpus/cloudtrail/stratus-red-team") else {
        return;
    };
    let (_, activities) = read_folder(&corpus);
    let changed = |type_name, id: &str, path| {
        attribute(
            &activities,
            &deviation(DeviationKind::Changed, type_name, id, Some(path)),
        )
    };
    let mut told = Vec::new();
    for activity in activities.iter().filter(|activity| activity.succeeded) {
        let (type_name, path) = match activity.call.as_str() {
            "ec2:AuthorizeSecurityGroupIngress" => ("aws_security_group", "/ingress"),
            "cloudtrail:StopLogging" => ("aws_cloudtrail", "/enable_logging"),
            "iam:UpdateAssumeRolePolicy" => ("aws_iam_role", "/assume_role_policy"),
            "lambda:UpdateFunctionCode20150331v2" => ("aws_lambda_function", "/source_code_hash"),
            _ => continue,
        };
        let named = |path| {
            activity
                .subjects
                .iter()
                .find_map(|id| changed(type_name, id, path))
        };
        let found = named(path).unwrap();
        told.push(format!(
            "{} {:?} {:?}",
            found.call, found.confidence, found.means
        ));
        assert_eq!(found.actor, activity.actor.identity);
        assert_eq!(named("/no_such_attribute"), None, "{}", activity.call);
    }
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r"
    cloudtrail:StopLogging Medium Key
    ec2:AuthorizeSecurityGroupIngress High Key
    iam:UpdateAssumeRolePolicy Medium Key
    lambda:UpdateFunctionCode20150331v2 High Key
    ");
}

/// A person opens a port in the console, a pipeline tags the group, somebody else fails to.
const TRAIL: &str = r#"{"Records": [
  {"eventVersion": "1.11", "eventTime": "2026-11-01T09:14:00Z", "eventID": "e-1", "eventName": "AuthorizeSecurityGroupIngress",
   "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "readOnly": false,
   "sourceIPAddress": "203.0.113.9", "sessionCredentialFromConsole": "true",
   "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/maria", "userName": "maria"},
   "requestParameters": {"groupId": "sg-0123456789abcdef0"}},
  {"eventVersion": "1.11", "eventTime": "2026-11-01T09:20:00Z", "eventID": "e-2", "eventName": "CreateTags",
   "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "readOnly": false,
   "sourceIPAddress": "198.51.100.7",
   "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/run-7",
     "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/deploy", "userName": "deploy"}}},
   "requestParameters": {"resourcesSet": {"items": [{"resourceId": "sg-0123456789abcdef0"}]}}},
  {"eventVersion": "1.11", "eventTime": "2026-11-01T09:30:00Z", "eventID": "e-3", "eventName": "AuthorizeSecurityGroupIngress",
   "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "readOnly": false,
   "sourceIPAddress": "192.0.2.1", "errorCode": "Client.UnauthorizedOperation",
   "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "userName": "eve"},
   "requestParameters": {"groupId": "sg-0123456789abcdef0"}},
  {"eventVersion": "1.11", "eventTime": "2026-11-01T09:31:00Z", "eventID": "e-4", "eventName": "DescribeSecurityGroups",
   "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "readOnly": true,
   "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "userName": "eve"},
   "requestParameters": {"groupIds": ["sg-0123456789abcdef0"]}}
]}"#;

#[test]
fn each_attribute_has_its_own_culprit() {
    let (activities, problems) = cloudtrail::parse("trail.json", TRAIL.as_bytes()).unwrap();
    assert_eq!(
        (activities.len(), problems.len()),
        (3, 0),
        "the read is left out"
    );
    let allowed = Allowed::default().with(
        &["arn:aws:iam::111122223333:role/deploy".to_owned()],
        &["198.51.100.0/24".to_owned()],
    );
    let index = ActivityIndex::new(activities, &allowed.unwrap(), None);
    let group = |path| {
        let id = "sg-0123456789abcdef0";
        index.attribute(&deviation(
            DeviationKind::Changed,
            "aws_security_group",
            id,
            Some(path),
        ))
    };
    let opened = group("/ingress").unwrap();
    assert_eq!(opened.actor, "arn:aws:iam::111122223333:user/maria");
    assert_eq!(
        (opened.means, opened.confidence),
        (Means::Console, Confidence::High)
    );
    assert_eq!(opened.from.as_deref(), Some("203.0.113.9"));
    let tagged = group("/tags_all/Owner").unwrap();
    assert_eq!(
        (tagged.event_id.as_str(), tagged.means),
        ("e-2", Means::Pipeline)
    );
    assert_eq!(group("/description"), None);
}

/// Calls that changed something, and how many of them lead to a resource that AWS Config records.
#[test]
fn most_calls_of_real_trails_lead_to_a_resource() {
    let Some(corpus) = shared("corpus/cloudtrail") else {
        return;
    };
    let (catalogue, approved) = (Catalogue::builtin().unwrap(), Approved::default());
    let parts = ApprovedParts {
        index: &PartIndex::new(&catalogue, &approved),
        catalogue: &catalogue,
        approved: &approved,
    };
    let mut known = BTreeSet::new();
    let mut failed = 0;
    let (mut marked, mut mapped) = (0, 0);
    let mut unresolved: BTreeMap<String, usize> = BTreeMap::new();
    for folder in fs::read_dir(corpus).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for activity in read_folder(&folder).1 {
            if !known.insert(activity.event_id.clone()) {
                continue;
            }
            if !activity.succeeded {
                failed += 1;
                assert_eq!(marks(&activity, parts), Vec::new(), "it accuses nobody");
                continue;
            }
            let found = marks(&activity, parts);
            marked += usize::from(!found.is_empty());
            let mut own = found.iter();
            mapped +=
                usize::from(own.any(|mark| catalogue.config_type(&mark.config_type).is_some()));
            if found.is_empty() {
                *unresolved.entry(activity.call).or_default() += 1;
            }
        }
    }
    let writes = known.len() - failed;
    let share = marked * 100 / writes;
    println!(
        "{writes} calls that changed something ({failed} more failed): {marked} ({share} %) lead to a resource, {mapped} to one of a mapped type"
    );
    let mut others: Vec<_> = unresolved.into_iter().collect();
    others.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("the others: {others:?}");
    // Of the others nearly all act on nothing that AWS Config records: a login, a session, a command.
    assert!(share >= 80, "{share} %");
}
